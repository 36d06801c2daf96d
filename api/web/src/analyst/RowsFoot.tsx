import { useApp } from '../app/context'
import { count } from '../app/format'
import { Empty, Skeleton, Trouble } from '../app/states'
import type { Rows } from './useItems'

/** What stands under a table: how many rows there are, more of them, or why there are none. */
export function RowsFoot({ of, empty, todo }: { of: Rows; empty: string; todo?: string }) {
  const { t } = useApp()
  return (
    <>
      {of.problem && <Trouble problem={of.problem} retry={of.retry} />}
      {of.loading && of.rows.length === 0 && <Skeleton rows={6} />}
      {!of.loading && !of.problem && of.rows.length === 0 && <Empty what={empty} todo={todo} />}
      {of.rows.length > 0 && (
        <div class="rowsfoot">
          <span class="small" role="status">{t.analyst.rows(count(of.rows.length), count(of.total))}</span>
          {of.more && <button type="button" class="btn small-btn" onClick={of.more}>{t.analyst.loadMore}</button>}
        </div>
      )}
    </>
  )
}
