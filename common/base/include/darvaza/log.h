// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Structured logging through GLib. Never personal data: identifiers (crossing, kiosk, sequence,
 * user id, list id) only; the lint suite rejects names, numbers, MRZ or bodies in a call.
 */
#include <glib.h>

/* Once, first thing in main(): sets the domain ("darvaza-booth") and writes
 * "2026-11-23T19:02:48.123Z darvaza-booth[12] info: text" to stderr; INFO and above, DEBUG with
 * DARVAZA_DEBUG=1. */
void dv_log_init(const char *program);

void dv_log_debug(const char *format, ...) G_GNUC_PRINTF(1, 2);
void dv_log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void dv_log_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);
