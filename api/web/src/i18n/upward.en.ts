import type { UpwardWords } from './upward.zh'

export const en: UpwardWords = {
  filings: {
    label: 'Filings', progress: 'filed', accepted: 'accepted', returned: 'returned', overdue: 'overdue',
    about: 'Each grid files its part of the plan with the level above.',
    states: { not_filed: 'not filed', filed: 'to be answered', returned: 'returned', accepted: 'accepted' },
    shown: 'Show', all: 'All', open: 'Not filed', waiting: 'To be answered', done: 'Accepted',
    grid: 'Grid', state: 'State', step: 'Step',
    to: (upper) => `with ${upper}`, by: (day) => `due ${day}`, noDeadline: 'no deadline', late: (days) => `${days} ${days === '1' ? 'day' : 'days'} late`, changed: 'changed since it was filed',
    file: 'File', refile: 'File again', fileFor: 'File for it', answer: 'Answer', accept: 'Accept', giveBack: 'Return',
    filedBy: 'Filed', answeredBy: 'Answered', signed: (by, time) => `${by} · ${time}`, note: 'Note', lastNote: 'Last note', noteHint: 'To return it, say what should change.',
    own: 'You filed this yourself; another account of the level above answers it.', onBehalf: 'You file for a level below; another account has to answer it.', asIs: 'The level above sees the grid and all below it; changes made later are marked.',
    setDeadline: 'Set deadline', deadline: 'Deadline', forListed: (n) => `For the ${n} grids listed.`, save: 'Save', clear: 'No deadline',
    none: 'No grid fits.', noneTodo: 'Choose another filter.', empty: 'No grid has to file.', emptyTodo: 'Grids with one above them do.',
  },
  letters: {
    label: 'Responsibility letters', signed: 'signed', toSign: 'to be signed',
    about: 'Every grid signs a responsibility letter with the one above it.',
    states: { missing: 'missing', expired: 'run out', handed_on: 'signatory left', signed: 'signed' },
    shown: 'Show', all: 'All', grid: 'Lower grid', state: 'Letter', step: 'Step', upper: 'Upper grid', anyUpper: 'All upper grids',
    with: (upper) => `with ${upper}`, from: (day) => `signed ${day}`, until: (day) => `ends ${day}`,
    left: { upper: 'who signed above has left', lower: 'who signed below has left' }, draft: 'Draw up', draftOf: (name) => `Download the letter of ${name} to be signed (Word)`, record: 'Record', missing: (n) => `Download the ${n} to be signed (ZIP)`,
    vacant: 'vacant', noPost: 'no post recorded', parties: 'Parties', upperParty: 'Upper', lowerParty: 'Lower', kept: 'Recorded', noneKept: 'No letter is recorded yet.',
    number: 'Number', signedOn: 'Signed on', validTo: 'Ends on (no longer holds that day)', upperSignatory: 'Signed above by', lowerSignatory: 'Signed below by', tasks: 'Tasks', file: 'File (where it is kept)', save: 'Record the letter', signatories: 'Signed by',
    remove: 'Remove', sure: 'Remove it', removed: 'What was recorded by mistake can be removed; the audit trail keeps it.',
    none: 'No grid fits.', noneTodo: 'Choose another filter.', empty: 'No grid has a letter to sign.', emptyTodo: 'Grids with one above them do.',
  },
}
