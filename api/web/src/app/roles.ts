import type { Role } from '../api/types'

/** Whoever logs in may analyse; the server shows each only what they may see. */
export const mayAnalyse = (role: Role | null) => role !== null
export const mayPlan = (role: Role | null) => role === 'admin' || role === 'planner' || role === 'approver'
export const mayDraw = (role: Role | null) => role === 'admin' || role === 'planner'
export const mayAdminister = (role: Role | null) => role === 'admin'
