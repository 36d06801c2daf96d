import type { FilingState, LetterState } from '../api/upward.types'

/** The words of filings and letters in Chinese, fetched with them. The English record has this one's type. */
export const zh = {
  filings: {
    label: '备案情况', progress: '已报', accepted: '已备案', returned: '退回', overdue: '逾期',
    about: '各网格把自己的划分方案报上一级备案。',
    states: { not_filed: '未报', filed: '待答复', returned: '退回', accepted: '已备案' } as Record<FilingState, string>,
    shown: '显示', all: '全部', open: '未报', waiting: '待答复', done: '已备案',
    grid: '网格', state: '状态', step: '办理',
    to: (upper: string) => `报${upper}`, by: (day: string) => `期限 ${day}`, noDeadline: '未定期限', late: (days: string) => `逾期 ${days} 天`, changed: '报后有改动',
    file: '报送', refile: '重新报送', fileFor: '代报', answer: '答复', accept: '接受备案', giveBack: '退回',
    filedBy: '报送', answeredBy: '答复', signed: (by: string, time: string) => `${by} · ${time}`, note: '意见', lastNote: '最近意见', noteHint: '退回须写明意见。',
    own: '这是您自己报送的，须由上级的其他账号答复。', onBehalf: '您在代下级报送，之后须由其他账号答复。', asIs: '报送后上级能看到本网格及以下全部内容；之后如有改动会标出。',
    setDeadline: '设定期限', deadline: '期限', forListed: (n: string) => `用于所列的 ${n} 个网格。`, save: '保存', clear: '取消期限',
    none: '没有符合的网格。', noneTodo: '请换一个筛选。', empty: '没有需要备案的网格。', emptyTodo: '有上级的网格才需要备案。',
  },
  letters: {
    label: '责任状', signed: '已签', toSign: '待签',
    about: '上下级网格之间逐一签订环境监管责任状。',
    states: { missing: '未签', expired: '到期', handed_on: '换人待续签', signed: '已签' } as Record<LetterState, string>,
    shown: '显示', all: '全部', grid: '下级网格', state: '责任状', step: '办理', upper: '上级网格', anyUpper: '全部上级',
    with: (upper: string) => `与${upper}`, from: (day: string) => `${day} 签订`, until: (day: string) => `有效期至 ${day}`,
    left: { upper: '上级签字人已离任', lower: '下级签字人已离任' }, draft: '起草', draftOf: (name: string) => `下载${name}的责任状草稿（Word）`, record: '登记', missing: (n: string) => `下载待签的 ${n} 份（ZIP）`,
    vacant: '空缺', noPost: '未登记岗位', parties: '签订双方', upperParty: '上级', lowerParty: '下级', kept: '已登记', noneKept: '还没有登记过责任状。',
    number: '编号', signedOn: '签订日期', validTo: '终止日期（当日起失效）', upperSignatory: '上级签字人', lowerSignatory: '下级签字人', tasks: '目标任务', file: '文件（存放位置或文号）', save: '登记责任状', signatories: '签字',
    remove: '删除登记', sure: '确认删除', removed: '误登记的可以删除，审计记录会保留。',
    none: '没有符合的网格。', noneTodo: '请换一个筛选。', empty: '没有需要签订责任状的网格。', emptyTodo: '有上级的网格才需要签订。',
  },
}
export type UpwardWords = typeof zh
