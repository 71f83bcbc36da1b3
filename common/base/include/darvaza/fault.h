// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Named points at which a fault test may strike. Compiled to nothing unless the build option
 * fault_points is set. With it: DARVAZA_FAULT_STATE names a file that is mapped and holds, one line
 * per family ("outbox" of "outbox.before_commit"), the name of the last point passed (it survives
 * kill -9); DARVAZA_FAULT_KILL="name:N" ends the process by SIGKILL at the N-th pass of that point;
 * DARVAZA_FAULT_PAUSE="name:MS" sleeps there. Names are "family.point", at most 63 bytes.
 */
#ifdef DV_FAULT_POINTS
void dv_fault_point(const char *name);
#define DV_FAULT_POINT(name) dv_fault_point(name)
#else
#define DV_FAULT_POINT(name) ((void)0)
#endif
