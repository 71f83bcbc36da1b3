// SPDX-License-Identifier: Apache-2.0
#include "builder.h"
#include "lines.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#define PROFILE_MAX 65536u
/* One pass over a source. builder NULL: only judge. */
typedef struct {
    WatchlistLines *lines;
    WatchlistProfile *profile; /* NULL once the builder has it */
    char **names;              /* CSV header; NULL: JSON lines */
    const char *out_path;      /* NULL: only judge */
    DvWatchlistBuilder *builder;
    guint64 taken; /* when only judging */
} Pass;

/* The row's line as an object; NULL: refused. */
static json_t *
parse_line(const Pass *pass, GError **error)
{
    const GString *line = pass->lines->line;

    if (pass->names != NULL)
        return watchlist_csv_object(pass->names, line->str, error);
    return dv_json_parse(line->str, line->len, DV_WATCHLIST_LINE_MAX, error);
}

/* FALSE: the file cannot be written; a refused row is TRUE. */
static gboolean
take_row(Pass *pass, GError **error)
{
    g_autoptr(GError) refused = NULL;
    g_autoptr(json_t) object = parse_line(pass, &refused);
    WatchlistRow row;

    if (pass->builder == NULL) {
        if (object == NULL ||
            !watchlist_row_judge(pass->profile, json_incref(object), &row, &refused))
            return TRUE;
        pass->taken++;
        watchlist_row_clear(&row);
        return TRUE;
    }
    dv_watchlist_builder_set_line(pass->builder, pass->lines->number);
    if (object == NULL) {
        dv_watchlist_builder_refuse(pass->builder, refused->message);
        return TRUE;
    }
    if (dv_watchlist_builder_add(pass->builder, object, &refused) ||
        g_error_matches(refused, DV_ERROR, DV_ERROR_INVALID))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&refused));
    return FALSE;
}

static void
refuse_line(Pass *pass, const GError *refused)
{
    if (pass->builder == NULL)
        return;
    dv_watchlist_builder_set_line(pass->builder, pass->lines->number);
    dv_watchlist_builder_refuse(pass->builder, refused->message);
}

static gboolean
take_rows(Pass *pass, GError **error)
{
    for (;;) {
        g_autoptr(GError) trouble = NULL;
        switch (watchlist_lines_next(pass->lines, &trouble)) {
        case WATCHLIST_LINE:
            if (!take_row(pass, error))
                return FALSE;
            break;
        case WATCHLIST_BAD_LINE:
            refuse_line(pass, trouble);
            break;
        case WATCHLIST_END:
            return TRUE;
        case WATCHLIST_TROUBLE:
            g_propagate_error(error, g_steal_pointer(&trouble));
            return FALSE;
        }
    }
}

/* From here on the builder has the profile; without a file to write nothing changes. */
static gboolean
start(Pass *pass, GError **error)
{
    if (pass->out_path != NULL)
        pass->builder = builder_new(g_steal_pointer(&pass->profile), NULL, pass->out_path, error);
    return pass->out_path == NULL || pass->builder != NULL;
}

/* Reads the source's head: the JSON lines' profile unless one was given, or the CSV's names. */
static gboolean
take_head(Pass *pass, GError **error)
{
    WatchlistLineResult result = watchlist_lines_next(pass->lines, error);

    if (result == WATCHLIST_END)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the source is empty");
    if (result != WATCHLIST_LINE)
        return FALSE;
    if (pass->lines->line->str[0] != '{') {
        if (pass->profile == NULL) {
            g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                                "a CSV source needs its profile in a file beside it");
            return FALSE;
        }
        pass->names = watchlist_csv_split(pass->lines->line->str, error);
        return pass->names != NULL && start(pass, error);
    }
    if (pass->profile != NULL)
        return start(pass, error) && take_row(pass, error);
    g_autoptr(json_t) object =
        dv_json_parse(pass->lines->line->str, pass->lines->line->len, DV_WATCHLIST_LINE_MAX, error);
    pass->profile = object != NULL ? watchlist_profile_parse(object, error) : NULL;
    return pass->profile != NULL && start(pass, error);
}

static WatchlistProfile *
read_profile(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = dv_file_read(path, PROFILE_MAX, error);
    gsize length = 0;

    if (bytes == NULL)
        return NULL;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, PROFILE_MAX, error);
    return object != NULL ? watchlist_profile_parse(object, error) : NULL;
}

static gboolean
run(Pass *pass, const char *source_path, const char *profile_path, DvWatchlistReport **report,
    GError **error)
{
    gboolean ok = watchlist_lines_open(pass->lines, source_path, error);

    if (ok && profile_path != NULL) {
        pass->profile = read_profile(profile_path, error);
        ok = pass->profile != NULL;
    }
    ok = ok && take_head(pass, error) && take_rows(pass, error);
    if (ok)
        ok = dv_watchlist_builder_finish(pass->builder, report, error);
    watchlist_lines_close(pass->lines);
    return ok;
}

static void
pass_clear(Pass *pass)
{
    dv_watchlist_builder_free(pass->builder);
    watchlist_profile_free(pass->profile);
    g_strfreev(pass->names);
}

gboolean
dv_watchlist_build(const char *source_path, const char *profile_path, const char *out_path,
                   DvWatchlistReport **report, GError **error)
{
    g_autofree WatchlistLines *lines = g_new0(WatchlistLines, 1);
    Pass pass = {.lines = lines, .out_path = out_path};

    lines->fd = -1;
    *report = NULL;
    gboolean ok = run(&pass, source_path, profile_path, report, error);
    pass_clear(&pass);
    if (*report == NULL)
        *report = builder_report_new();
    if (!ok)
        g_prefix_error(error, "watchlist source %s: ", source_path);
    return ok;
}

guint64
dv_watchlist_judge_source(const void *data, gsize length)
{
    g_autofree WatchlistLines *lines = g_new0(WatchlistLines, 1);
    Pass pass = {.lines = lines};

    watchlist_lines_open_memory(lines, data, length);
    if (take_head(&pass, NULL))
        take_rows(&pass, NULL);
    watchlist_lines_close(lines);
    pass_clear(&pass);
    return pass.taken;
}
