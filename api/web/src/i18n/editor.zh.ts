import type { Missing, Tool } from '../editor/tools'

/** The editor's words in Chinese, fetched with the editor. The English record has this one's type. */
export const zh = {
  tabs: { label: '编辑', edit: '编辑', checks: '检查', history: '历史', compare: '比对', comments: '批注', suggest: '建议', more: '更多' },
  head: (base: string, n: string) => `${base ? `基于${base} · ` : ''}第 ${n} 次修改`,
  saved: (time: string) => `已保存 ${time}`, saving: '正在保存…', notSaved: '未保存',
  offline: '离线', offlineHint: '连不上服务器。您的修改保存在这台设备上，恢复后继续提交。',
  readOnly: { in_review: '方案正在审核，不能修改。', published: '方案已发布，不能修改。', superseded: '方案已废止，不能修改。', discarded: '草稿已弃用，不能修改。', notYours: '您可以查看这份草稿，但不能修改。' },
  noMap: '绘制需要地图。没有地图时仍可查看检查、历史和清单。',
  zoomIn: '这里的网格太多，放大后才能编辑。', loadingGrids: '正在载入网格…',
  toolbar: '绘制工具', shortcuts: '单键快捷键',
  tools: {
    select: '选择', split: '划线分割', divide: '划分单元', merge: '合并', carve: '划出范围', boundary: '改边界', vertex: '移顶点', outline: '重画轮廓', delete: '删除', attributes: '属性',
  } as Record<Tool, string>,
  title: (tool: Tool, name: string) =>
    ({
      select: name, split: `${name}：划线分割`, divide: `${name}：划分单元网格`, merge: `合并 ${name}`, carve: '划出一块范围', boundary: `${name}：改共同边界`, vertex: '移动顶点',
      outline: `${name}：重画轮廓`, delete: `删除${name}`, attributes: `${name}：属性`,
    })[tool],
  hints: {
    select: '点选网格；按住 Shift 可多选。', split: '画一条线，把网格分成两块。两块仍然完整覆盖原来的范围。', divide: '画一条线，把网格划成单元网格。单元仍然完整覆盖原来的范围。',
    merge: '合并后只留一个网格，土地全部归它。', carve: '圈出一块范围，成为新的网格。', boundary: '拖动顶点，或重画两个网格之间的边界。', vertex: '按住一个顶点拖动。共用这个顶点的网格一起变化。',
    outline: '画出新的轮廓。多出的由相邻网格让出，少掉的归相邻网格。', delete: '删除网格，它的土地归相邻网格或归上级。', attributes: '修改名称、代码和依据，不改边界。',
  } as Record<Tool, string>,
  missing: {
    grids: '先在地图上点选网格。', two: '再点选网格，至少两个。', line: '在地图上画线：点击加点，双击或回车结束。', area: '在地图上圈出范围：点击加点，回到起点或按回车结束。',
    vertex: '在地图上按住一个顶点拖动。', name: '请在下方填写名称，然后就能看到结果。', changes: '尚未修改。', siblings: '只能合并同一上级、同一类型的网格。',
  },
  touch: {
    several: '多选', select: '点选网格；打开“多选”可选几个。',
    missing: { line: '在地图上画线：点按加点，按“画完”结束。', area: '在地图上圈出范围：点按加点，回到起点或按“画完”结束。' } as Partial<Record<Missing, string>>,
  },
  free: (key: string) => `按住 ${key} 不吸附。`,
  trace: '沿边界', traceOn: '点选边界上的另一点，线会沿现有边界走过去。', drawAgain: '重画', another: '换一个网格', back: '退一点',
  finish: '画完', confirm: {
    split: '确认分割', divide: '确认划分', merge: '确认合并', carve: '确认划出', boundary: '确认边界', vertex: '确认移动', outline: '确认轮廓', delete: '确认删除', attributes: '保存属性', select: '确认', adopt: '采用这个方案', repair: '确认修补',
  } as Record<string, string>,
  undo: '撤销', redo: '重做', nothingYet: '还没有修改。选一个网格，再选一种工具。',
  result: '这次修改的结果', asking: '正在计算…', unit: '网格', area: '面积', sources: '污染源', work: '工作量', before: (value: string) => `原 ${value}`, fresh: '新', gone: '取消',
  balance: (percent: string, compact: string) => `工作量差 ${percent}，形状紧凑度 ${compact}`, compact: (value: string) => `形状紧凑度 ${value}`,
  checks: {
    title: '检查', whole: '没有新的空白和重叠，上级面积不变', neighbours: (names: string) => `相邻网格（${names}）边界同步更新`, moves: (n: string) => `${n} 家污染源换负责网格`, noMoves: '没有污染源换负责网格',
    fresh: (kind: string, n: string, area: string, width: string) => `新增${kind} ${n} 处，${area}，最宽 ${width}`, solved: (kind: string, n: string) => `消除${kind} ${n} 处`, unstaffed: (names: string) => `${names} 尚无监管员`,
    who: (name: string, from: string, to: string) => `${name}：${from} → ${to}`, nobody: '无', more: (n: string) => `另有 ${n} 家`,
  },
  took: (ms: string) => `${ms} 毫秒`,
  options: {
    kind: '类型', kinds: { administrative: '行政网格', unit: '单元网格', key: '重点监管单元' }, name: '名称', holder: '所属', auto: '按位置', takes: '从现有网格划出土地', free: '只用无人负责的土地', land: '土地归', neighbours: '相邻网格', upper: '上级（留空白）',
    to: '归给', longest: '公共边界最长的相邻网格', into: '保留', basis: '划分依据', supervising: '监管层级', level: (n: string) => `${n} 级`, names: (n: string) => `第 ${n} 块名称`, code: '代码', category: '类别', partial: '单元未铺满所属网格', parent: '上级网格', keyName: '重点监管单元', unitName: '新单元', gridName: '新网格', suchAs: (name: string) => `例如：${name}`,
    bases: { '': '未填', division: '行政区划', key_area: '重点区域及流域', targets: '重点监管对象分布' } as Record<string, string>,
  },
  facts: { area: '面积', sources: '污染源', weighted: '加权', level: '级别', code: '代码', parent: '上级', owner: '所属', partial: '未铺满', units: '已划单元', noEdit: '不在您的辖区，不能修改。', chosen: (n: string) => `已选 ${n} 个网格`, do: '可以做什么' },
  underWay: '有修改尚未确认', backToIt: '回去看', cancel: '取消', show: '看位置', where: '位置',
  refused: '不能这样改',
  done: (what: string) => `${what}。可以撤销。`, redone: (what: string) => `已重做：${what}`,
  conflict: {
    title: '别人先改了这里', ownTitle: '您在另一个窗口先改了这里', about: '您画的时候，这些网格已被修改。您的修改还没有保存，也没有丢失。', look: '在新的状态上再看', drop: '放弃我的修改', row: (by: string, time: string) => `${by} · ${time}`,
  },
  unsent: { title: (what: string) => `尚未保存：${what}`, waiting: '连接恢复后自动再试。', loggedOut: '登录已过期。重新登录后自动提交。', offered: (time: string) => `这项修改在 ${time} 没有送到服务器，保存在这台设备上。`, retry: '现在重试', look: '先看结果', drop: '放弃' },
  others: (by: string, what: string) => `${by}刚刚修改：${what}`,
  whole: { title: '全稿', count: (n: string, area: string) => `${n} 处 ${area}`, repair: '建议修补', auto: '自动修补', fine: '全稿没有空白、重叠、越界或错属。' },
  submit: {
    button: '提交审核', title: '提交审核', left: (n: string) => `还有 ${n} 项需要处理或说明理由`, clean: '没有阻止提交的问题。', reason: '理由', note: '说明（可不填）', go: '提交', done: '已提交审核。', needReason: '逐项写明理由后才能提交。',
  },
  withdraw: { button: '撤回提交', about: '方案回到草稿，可以继续修改，改完再提交。', go: '撤回', done: '已撤回，方案回到草稿。' },
  checksTab: { title: '提交前检查', none: '没有发现问题。', noneTodo: '可以提交审核。', blocks: '须处理', advises: '提示', go: '看位置', fix: '看修补', reasonGiven: '已说明', repairAll: (n: string) => `一次修补全部 ${n} 处细缝和噪声`, more: (n: string) => `另有 ${n} 处未查修补办法，继续查`, noRepair: '没有可自动修补的。', noise: '噪声（宽不足 0.2 米）', pieces: (n: string) => `${n} 段`, pick: (what: string) => `选中：${what}`, repairPicked: (n: string) => `修补选中的 ${n} 处` },
  repair: {
    title: '修补', action: { give: (to: string) => `划给${to}`, cut: () => '切除越界部分', reparent: (to: string) => `改属${to}`, none: () => '没有建议，请手工修改' } as Record<string, (to: string) => string>,
    preview: '看前后', take: '采用', before: '修补前', after: '修补后', all: '采用全部建议',
  },
  history: { title: '修改历史', none: '还没有修改。', noneTodo: '画第一条线后，这里会记下谁在何时改了什么。', undone: '已撤销', dropped: '已作废', show: '到这里', at: (by: string, time: string) => `${by} · ${time}` },
  compare: {
    title: '与已发布方案比对', none: '与基础方案没有差别。', swipe: '左右比对', left: '已发布', right: '草稿', handle: '拖动比对线', sources: (n: string) => `${n} 家污染源换负责网格`, people: (n: string) => `涉及 ${n} 名人员`, noBase: '这份草稿没有基础方案，无从比对。',
    change: { added: '新增', removed: '取消', reshaped: '改界', renamed: '改名', reparented: '改属', attributes: '改属性' } as Record<string, string>, from: (area: string) => `原 ${area}`,
  },
  decide: {
    title: '审核', back: '退回', publish: '批准并发布', note: '意见', from: '生效日期', approval: '审图号', noteNeeded: '退回须写明意见。', sure: '发布后立即对公众可见，原方案自动废止。', returned: '已退回给规划人员。', givenBack: (by: string, time: string) => `${by} 于 ${time} 退回了这份草稿`, published: '已发布。', decisions: '流转记录',
    actions: { withdraw: '撤回', discard: '弃用', restore: '恢复', submit: '提交', submitted: '提交', return: '退回', returned: '退回', approve: '批准', approved: '批准', publish: '发布', published: '发布' } as Record<string, string>,
  },
  comments: { title: '批注', none: '还没有批注。', noneTodo: '点“在地图上批注”，再点地图上的位置。', add: '在地图上批注', hint: '点选地图上的位置。', here: '批注内容', save: '保存批注', resolve: '已处理', resolved: '已处理', at: (by: string, time: string) => `${by} · ${time}`, pin: (n: string) => `批注 ${n}`, open: '未处理' },
  suggest: {
    title: '划分建议', units: '单元网格方案', keys: '重点区域', choose: '先在地图上点选一个网格，例如一个乡镇。', whole: '全部辖区', seed: '换一批', even: '最均衡', compact: '最紧凑', unit: '单元', load: '工作量', about: '先看预览，确认后才写入草稿；原有单元网格会被替换。', ask: '给出方案', number: '单元数', deviation: '工作量偏差', compactness: '紧凑度', officers: '需监管员', take: '采用', show: '看', none: '没有建议。', noneTodo: '换一个网格，或换一个单元数。', busy: '正在计算，通常几秒。', carve: '按此划出', score: (load: string, score: string) => `工作量 ${load} · 得分 ${score}`, plan: (n: string) => `方案 ${n}`, worst: (value: string) => `最低 ${value}`,
  },
  files: {
    title: '文件', out: '导出草稿', in: '导入文件', choose: '选择文件，或拖到这里', about: '导出您辖区内的网格，坐标与库中一致（EPSG:4490）。可在 QGIS 中修改后导入；确认之前不会改动草稿。', for: { gpkg: 'QGIS 等常用软件', geojson: '脚本和网页地图', shp: '旧版软件' } as Record<string, string>,
    crs: '坐标系', systems: { '': '按文件的声明', 'EPSG:4490': 'CGCS2000 / WGS 84 经纬度', gcj02: 'GCJ-02（火星坐标）', bd09: 'BD-09（百度）' } as Record<string, string>,
    none: '文件与草稿没有差别。', asking: '正在比较…', apply: (n: string) => `应用 ${n} 处差别`, again: '重新比较', done: '已导入，记为一次编辑，可以撤销。', removes: '删除文件中没有的网格', redraws: '与相邻网格不吻合的，逐个重画',
    read: (format: string, crs: string, n: string) => `${format}，${crs}；${n} 个网格与草稿相同。`, behind: (n: string) => `${n} 个网格在文件导出之后又在草稿中修改过，保持草稿的样子。`, rejected: (n: string) => `${n} 行无法使用`, row: (n: string) => `第 ${n} 行`, stale: '文件导出之后，草稿又有修改：', moved: (m: string) => `边界最多移动 ${m}`, nothing: '没有可以应用的差别。',
    change: { added: '新增', removed: '文件中没有', reshaped: '改形', moved: '改隶属', values: '改属性' } as Record<string, string>, result: { applied: '可应用', partly: '部分应用', followed: '随上级变化', refused: '不能应用', left: '保留' } as Record<string, string>, columns: { name: '名称', code: '编码', category: '类别', basis: '划分依据', supervising_level: '监管级别', is_partial: '部分覆盖', kind: '种类', level: '级别' } as Record<string, string>, empty: '无',
  },
  lists: { findings: '问题清单', grids: '网格清单' },
  map: { vertex: '顶点', ghost: '原边界', added: '新', mode: (tool: string) => `正在使用：${tool}`, legend: '编辑图例' },
}
export type EditorWords = typeof zh
