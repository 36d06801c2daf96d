import type { EditorWords } from './editor.zh'

export const en: EditorWords = {
  tabs: { label: 'Editing', edit: 'Edit', checks: 'Checks', history: 'History', compare: 'Compare', comments: 'Comments', suggest: 'Suggest', more: 'More' },
  head: (base, n) => `${base ? `based on ${base} · ` : ''}${n} edits`,
  saved: (time) => `saved ${time}`, saving: 'saving…', notSaved: 'not saved',
  offline: 'offline', offlineHint: 'The server cannot be reached. Your edit is kept on this device and sent when it is back.',
  readOnly: { in_review: 'The plan is in review and cannot be changed.', published: 'The plan is published and cannot be changed.', superseded: 'The plan is superseded and cannot be changed.', discarded: 'The draft was discarded and cannot be changed.', notYours: 'You may look at this draft but not change it.' },
  noMap: 'Drawing needs the map. Checks, history and lists work without it.',
  zoomIn: 'Too many grids here. Zoom in to edit.', loadingGrids: 'Loading grids…',
  toolbar: 'Drawing tools', shortcuts: 'Single-key shortcuts',
  tools: {
    select: 'Select', split: 'Split', divide: 'Into units', merge: 'Merge', carve: 'Carve', boundary: 'Boundary', vertex: 'Vertex', outline: 'Outline', delete: 'Delete', attributes: 'Attributes',
  },
  title: (tool, name) =>
    ({
      select: name, split: `Split ${name}`, divide: `Divide ${name} into units`, merge: `Merge ${name}`, carve: 'Carve an area', boundary: `Boundary of ${name}`, vertex: 'Move a vertex',
      outline: `Outline of ${name}`, delete: `Delete ${name}`, attributes: `Attributes of ${name}`,
    })[tool],
  hints: {
    select: 'Click a grid; hold Shift to choose several.', split: 'Draw a line to cut the grid in two. Both parts keep covering what it covered.', divide: 'Draw a line to cut the grid into unit grids. They keep covering all of it.',
    merge: 'One grid stays and gets all of the land.', carve: 'Draw around an area to make it a grid of its own.', boundary: 'Drag the vertices, or draw the boundary between two grids anew.', vertex: 'Press on a vertex and drag it. All grids that share it follow.',
    outline: 'Draw the new outline. Neighbours give or take the difference.', delete: 'The grid goes; its land goes to neighbours or back to the level above.', attributes: 'Change name, code and basis; the boundary stays.',
  },
  missing: {
    grids: 'First click a grid on the map.', two: 'Click more grids, at least two.', line: 'Draw a line on the map: click to add points, double-click or Enter to end.', area: 'Draw around the area: click to add points, return to the first or press Enter to end.',
    vertex: 'Press on a vertex on the map and drag it.', name: 'Give a name below to see what comes of it.', changes: 'Nothing changed yet.', siblings: 'Only grids of one kind with the same holder can be merged.',
  },
  touch: {
    several: 'Several', select: 'Tap a grid; turn on “Several” to choose more than one.',
    missing: { line: 'Draw a line on the map: tap to add points, “End line” to end.', area: 'Draw around the area: tap to add points, return to the first or press “End line”.' },
  },
  free: (key) => `Hold ${key} to draw without snapping.`,
  trace: 'Trace', traceOn: 'Click another point of the boundary; the line will follow it there.', drawAgain: 'Draw anew', another: 'Another grid', back: 'One back',
  finish: 'End line', confirm: {
    split: 'Confirm split', divide: 'Confirm units', merge: 'Confirm merge', carve: 'Confirm area', boundary: 'Confirm boundary', vertex: 'Confirm move', outline: 'Confirm outline', delete: 'Confirm deletion', attributes: 'Save', select: 'Confirm', adopt: 'Take this plan', repair: 'Confirm repair',
  },
  undo: 'Undo', redo: 'Redo', nothingYet: 'No edits yet. Choose a grid, then a tool.',
  result: 'What this edit does', asking: 'Working it out…', unit: 'Grid', area: 'Area', sources: 'Sources', work: 'Workload', before: (value) => `was ${value}`, fresh: 'new', gone: 'removed',
  balance: (percent, compact) => `Workload differs by ${percent}, compactness ${compact}`, compact: (value) => `Compactness ${value}`,
  checks: {
    title: 'Checks', whole: 'No new gap or overlap; the area above is unchanged', neighbours: (names) => `Neighbours follow along the boundary: ${names}`, moves: (n) => `${n} sources change hands`, noMoves: 'No source changes hands',
    fresh: (kind, n, area, width) => `New: ${n} × ${kind.toLowerCase()}, ${area}, up to ${width} wide`, solved: (kind, n) => `Solved: ${n} × ${kind.toLowerCase()}`, unstaffed: (names) => `No supervisors yet: ${names}`,
    who: (name, from, to) => `${name}: ${from} → ${to}`, nobody: 'nobody', more: (n) => `${n} more`,
  },
  took: (ms) => `${ms} ms`,
  options: {
    kind: 'Kind', kinds: { administrative: 'Administrative', unit: 'Unit grid', key: 'Key unit grid' }, name: 'Name', holder: 'Belongs to', auto: 'by position', takes: 'Take land from existing grids', free: 'Only land that nobody has', land: 'Land goes to', neighbours: 'Neighbours', upper: 'Level above (a gap)',
    to: 'Give to', longest: 'longest common boundary', into: 'Keep', basis: 'Basis', supervising: 'Supervised by', level: (n) => `level ${n}`, names: (n) => `Name of part ${n}`, code: 'Code', category: 'Category', partial: 'Units do not cover all of it', parent: 'Parent grid', keyName: 'Key area', unitName: 'New unit', gridName: 'New grid', suchAs: (name) => `e.g. ${name}`,
    bases: { '': 'none given', division: 'Administrative division', key_area: 'Key area or river basin', targets: 'Key supervised targets' },
  },
  facts: { area: 'Area', sources: 'Sources', weighted: 'Weighted', level: 'Level', code: 'Code', parent: 'Parent', owner: 'Owner', partial: 'partial', units: 'has units', noEdit: 'Outside your jurisdiction: you cannot change it.', chosen: (n) => `${n} grids chosen`, do: 'What you can do' },
  underWay: 'An edit is not confirmed yet', backToIt: 'Back to it', cancel: 'Cancel', show: 'Show', where: 'Where',
  refused: 'This cannot be done',
  done: (what) => `${what}. It can be undone.`, redone: (what) => `Done again: ${what}`,
  conflict: {
    title: 'Somebody changed this first', ownTitle: 'You changed this first, in another window', about: 'These grids changed while you were drawing. Your edit is neither saved nor lost.', look: 'Look at it on the new state', drop: 'Drop my edit', row: (by, time) => `${by} · ${time}`,
  },
  unsent: { title: (what) => `Not saved yet: ${what}`, waiting: 'It is tried again by itself when the connection is back.', loggedOut: 'Your session has expired. It is sent when you have logged in again.', offered: (time) => `This edit of ${time} did not reach the server and is kept on this device.`, retry: 'Retry now', look: 'Look first', drop: 'Drop' },
  others: (by, what) => `${by} just changed: ${what}`,
  whole: { title: 'Whole draft', count: (n, area) => `${n}, ${area}`, repair: 'Suggest repair', auto: 'Repair', fine: 'No gap, overlap, protrusion or mis-nested land in the draft.' },
  submit: {
    button: 'Submit', title: 'Submit for review', left: (n) => `${n} item${n === '1' ? '' : 's'} to solve or give a reason for`, clean: 'Nothing blocks the submission.', reason: 'Reason', note: 'Note (optional)', go: 'Submit', done: 'Submitted for review.', needReason: 'Give a reason for each to submit.',
  },
  withdraw: { button: 'Withdraw', about: 'The plan becomes a draft again, to be changed and submitted anew.', go: 'Withdraw the plan', done: 'Withdrawn: it is a draft again.' },
  checksTab: { title: 'Checks before submission', none: 'Nothing found.', noneTodo: 'The draft can be submitted.', blocks: 'blocks', advises: 'advice', go: 'Show', fix: 'Repair', reasonGiven: 'reason given', repairAll: (n) => `Repair all ${n} slivers and noise at once`, more: (n) => `Look up repairs for ${n} more`, noRepair: 'Nothing to repair by itself.', noise: 'Noise (under 0.2 m wide)', pieces: (n) => `${n} piece${n === '1' ? '' : 's'}`, pick: (what) => `Pick: ${what}`, repairPicked: (n) => `Repair the ${n} picked` },
  repair: {
    title: 'Repair', action: { give: (to) => `Give to ${to}`, cut: () => 'Cut off what lies beyond', reparent: (to) => `Move under ${to}`, none: () => 'No proposal; edit by hand' },
    preview: 'Before / after', take: 'Take', before: 'Before', after: 'After', all: 'Take all proposals',
  },
  history: { title: 'History', none: 'No edits yet.', noneTodo: 'After the first edit, this says who changed what and when.', undone: 'undone', dropped: 'dropped', show: 'Go there', at: (by, time) => `${by} · ${time}` },
  compare: {
    title: 'Compared with the published plan', none: 'No difference from the base plan.', swipe: 'Swipe', left: 'Published', right: 'Draft', handle: 'Drag to compare', sources: (n) => `${n} sources change hands`, people: (n) => `${n} people affected`, noBase: 'This draft has no base plan to compare with.',
    change: { added: 'added', removed: 'removed', reshaped: 'reshaped', renamed: 'renamed', reparented: 'moved', attributes: 'attributes' }, from: (area) => `was ${area}`,
  },
  decide: {
    title: 'Review', back: 'Return', publish: 'Approve and publish', note: 'Comment', from: 'Valid from', approval: 'Map approval number', noteNeeded: 'Say why when returning.', sure: 'It becomes public at once, and the former plan is superseded.', returned: 'Returned to the planners.', givenBack: (by, time) => `Returned by ${by}, ${time}`, published: 'Published.', decisions: 'Decisions',
    actions: { withdraw: 'withdrawn', discard: 'discarded', restore: 'restored', submit: 'submitted', submitted: 'submitted', return: 'returned', returned: 'returned', approve: 'approved', approved: 'approved', publish: 'published', published: 'published' },
  },
  comments: { title: 'Comments', none: 'No comments yet.', noneTodo: 'Press “Comment on the map”, then click a place.', add: 'Comment on the map', hint: 'Click the place on the map.', here: 'Comment', save: 'Save comment', resolve: 'Resolve', resolved: 'resolved', at: (by, time) => `${by} · ${time}`, pin: (n) => `Comment ${n}`, open: 'open' },
  suggest: {
    title: 'Suggestions', units: 'Unit grids', keys: 'Key areas', choose: 'First click a grid on the map, such as a township.', whole: 'All of it', seed: 'Others', even: 'most even', compact: 'most compact', unit: 'Unit', load: 'Work', about: 'You see a preview first; the draft changes when you confirm, and its former units go.', ask: 'Suggest', number: 'Units', deviation: 'Deviation', compactness: 'Compactness', officers: 'Officers', show: 'Show', take: 'Take', none: 'No suggestion.', noneTodo: 'Choose another grid or another number of units.', busy: 'Working it out, a few seconds as a rule.', carve: 'Carve this', score: (load, score) => `Work ${load} · score ${score}`, plan: (n) => `Plan ${n}`, worst: (value) => `least ${value}`,
  },
  files: {
    title: 'Files', out: 'Take the draft out', in: 'Bring a file back', choose: 'Choose a file, or drop it here', about: 'The grids of your jurisdiction, every coordinate as it is stored (EPSG:4490). Edit them in QGIS and bring the file back; nothing changes before you confirm.', for: { gpkg: 'QGIS and most others', geojson: 'scripts and web maps', shp: 'older programs' },
    crs: 'Coordinate system', systems: { '': 'As the file declares', 'EPSG:4490': 'CGCS2000 / WGS 84 degrees', gcj02: 'GCJ-02 (web maps in China)', bd09: 'BD-09 (Baidu)' },
    none: 'The file does not differ from the draft.', asking: 'Comparing…', apply: (n) => `Apply ${n} differences`, again: 'Compare again', done: 'Imported as one edit. It can be undone.', removes: 'Remove the grids that the file lacks', redraws: 'Redraw grids that do not fit their neighbours',
    read: (format, crs, n) => `${format}, ${crs}; ${n} grids as in the draft.`, behind: (n) => `${n} grids were edited in the draft after the file was written; they stay as they are.`, rejected: (n) => `${n} rows cannot be used`, row: (n) => `Row ${n}`, stale: 'The draft has been edited since the file was written:', moved: (m) => `boundary moved up to ${m}`, nothing: 'Nothing of it can be applied.',
    change: { added: 'new', removed: 'not in the file', reshaped: 'reshaped', moved: 'other parent', values: 'attributes' }, result: { applied: 'applied', partly: 'in part', followed: 'follows', refused: 'refused', left: 'stays' }, columns: { name: 'Name', code: 'Code', category: 'Category', basis: 'Basis', supervising_level: 'Supervised by', is_partial: 'Covers its owner in part', kind: 'Kind', level: 'Level' }, empty: 'none',
  },
  lists: { findings: 'List of findings', grids: 'List of grids' },
  map: { vertex: 'Vertex', ghost: 'Former boundary', added: 'new', mode: (tool) => `Tool: ${tool}`, legend: 'Editing legend' },
}
