// SPDX-License-Identifier: Apache-2.0
#pragma once

/* A password: the first line of the file, or, where file is NULL, of standard input, which a
 * terminal asks for without showing it. NULL when there is none. Free with dv_password_forget. */
char *dv_password_input(const char *file);
/* Overwrites and frees; NULL is fine. */
void dv_password_forget(char *password);
