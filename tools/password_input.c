// SPDX-License-Identifier: Apache-2.0
#include "password_input.h"
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_SIZE 1026 /* 1,024 bytes, the longest password, with line feed and NUL */

static char *
read_line(FILE *from)
{
    char line[LINE_SIZE];
    if (!fgets(line, sizeof line, from))
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    char *password = g_strdup(line);
    explicit_bzero(line, sizeof line);
    return password;
}

static char *
ask(void)
{
    struct termios shown, hidden;
    gboolean terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        fputs("Password: ", stderr);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    char *password = read_line(stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    return password;
}

char *
dv_password_input(const char *file)
{
    if (!file)
        return ask();
    FILE *from = fopen(file, "re");
    if (!from)
        return NULL;
    char *password = read_line(from);
    fclose(from);
    return password;
}

void
dv_password_forget(char *password)
{
    if (password)
        explicit_bzero(password, strlen(password));
    g_free(password);
}
