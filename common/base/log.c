// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/log.h>

#include <errno.h>
#include <unistd.h>

static char program_name[64] = "darvaza";
static gboolean debug_wanted;

static const char *
level_word(GLogLevelFlags level)
{
    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return "error";
    if (level & G_LOG_LEVEL_WARNING)
        return "warning";
    if (level & G_LOG_LEVEL_DEBUG)
        return "debug";
    return "info";
}

/* A message is one line whatever it quotes: a control character that came from outside must not
 * be able to forge a second log line or to drive a terminal. */
static void
append_escaped(GString *line, const char *message)
{
    g_autofree char *valid = g_utf8_make_valid(message, -1);

    for (const char *p = valid; *p != '\0'; p++) {
        if ((guchar)*p < 0x20 || *p == 0x7f)
            g_string_append_printf(line, "\\x%02x", (guint)(guchar)*p);
        else
            g_string_append_c(line, *p);
    }
}

static const char *
field_value(const GLogField *fields, gsize n_fields, const char *key)
{
    for (gsize i = 0; i < n_fields; i++) {
        if (g_str_equal(fields[i].key, key) && fields[i].length < 0)
            return fields[i].value;
    }
    return NULL;
}

static GLogWriterOutput
write_line(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    (void)data;
    if ((level & G_LOG_LEVEL_DEBUG) && !debug_wanted)
        return G_LOG_WRITER_HANDLED;

    const char *message = field_value(fields, n_fields, "MESSAGE");
    g_autofree char *when = dv_time_format(dv_clock_wall_us());
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "%s %s[%d] %s: ", when, program_name, (int)getpid(), level_word(level));
    append_escaped(line, message != NULL ? message : "(no message)");
    g_string_append_c(line, '\n');

    /* One write, so that lines of several threads and processes never mix. */
    gsize done = 0;
    while (done < line->len) {
        gssize n = write(STDERR_FILENO, line->str + done, line->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return G_LOG_WRITER_UNHANDLED;
        done += (gsize)n;
    }
    return G_LOG_WRITER_HANDLED;
}

void
dv_log_init(const char *program)
{
    g_strlcpy(program_name, program, sizeof program_name);
    debug_wanted = g_strcmp0(g_getenv("DARVAZA_DEBUG"), "1") == 0;
    g_log_set_writer_func(write_line, NULL, NULL);
}

static void G_GNUC_PRINTF(3, 0)
    log_at(GLogLevelFlags level, const char *priority, const char *format, va_list args)
{
    g_autofree char *message = g_strdup_vprintf(format, args);
    const GLogField fields[] = {
        {"MESSAGE", message, -1},
        {"PRIORITY", priority, -1},
        {"GLIB_DOMAIN", program_name, -1},
    };

    g_log_structured_array(level, fields, G_N_ELEMENTS(fields));
}

void
dv_log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_at(G_LOG_LEVEL_DEBUG, "7", format, args);
    va_end(args);
}

void
dv_log_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_at(G_LOG_LEVEL_INFO, "6", format, args);
    va_end(args);
}

void
dv_log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_at(G_LOG_LEVEL_WARNING, "4", format, args);
    va_end(args);
}
