/** The workload chart, drawn by ECharts on a canvas (its HTML tooltips would break the page's security policy). */
import { BarChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { Workload } from '../api/types'

use([BarChart, GridComponent, CanvasRenderer])

export interface Chart {
  set: (rows: Workload[]) => void
  dispose: () => void
}

const colors = { usual: '#0b6e6e', most: '#b8362b', line: '#e3e5e3', ink: '#17222e', second: '#4b5a69' }
/** Above this share of the mean a grid has too much, and its bar says so. */
const tooMuch = 1.5
const font = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'

export function draw(holder: HTMLElement, onChoose: (uid: string) => void): Chart {
  const chart = init(holder)
  let shown: Workload[] = []
  chart.on('click', (event) => {
    const row = shown[event.dataIndex]
    if (row) onChoose(row.uid)
  })
  const watch = new ResizeObserver(() => chart.resize())
  watch.observe(holder)
  const set = (rows: Workload[]) => {
    shown = rows
    const values = rows.map((row) => row.weighted_per_officer ?? 0)
    const mean = values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length)
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font, fontSize: 12 },
      grid: { left: 0, right: 44, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: 'value', axisLabel: { show: false }, splitLine: { lineStyle: { color: colors.line } } },
      yAxis: {
        type: 'category', inverse: true, data: rows.map((row) => row.name), axisTick: { show: false },
        axisLine: { lineStyle: { color: colors.line } }, axisLabel: { color: colors.ink, width: 132, overflow: 'truncate', interval: 0 },
      },
      series: [{
        type: 'bar', barWidth: 10, cursor: 'pointer',
        data: values.map((value) => ({ value, itemStyle: { borderRadius: 5, color: value > tooMuch * mean ? colors.most : colors.usual } })),
        label: { show: true, position: 'right', color: colors.second, formatter: ({ value }: { value?: unknown }) => Number(value).toFixed(0) },
      }],
    })
    chart.resize()
  }
  return {
    set,
    dispose: () => {
      watch.disconnect()
      chart.dispose()
    },
  }
}
