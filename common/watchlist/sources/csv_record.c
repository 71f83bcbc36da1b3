// SPDX-License-Identifier: Apache-2.0
#include "csv_record.h"

#include <darvaza/error.h>

#include <string.h>

/* Where the next byte stands. */
enum {
    FIELD_START, /* before a field, or in the space before it */
    PLAIN,       /* in a field without quotes */
    QUOTED,      /* in a field in quotes */
    QUOTE_SEEN,  /* behind a quote in a field in quotes: its end, or the first of two */
};

void
watchlist_csv_init(WatchlistCsv *csv)
{
    memset(csv, 0, sizeof *csv);
    csv->text = g_string_new(NULL);
}

void
watchlist_csv_clear(WatchlistCsv *csv)
{
    if (csv->text != NULL)
        g_string_free(csv->text, TRUE);
    csv->text = NULL;
}

static void
blame(WatchlistCsv *csv, const char *fault)
{
    if (csv->fault == NULL)
        csv->fault = fault;
}

static void
begin_field(WatchlistCsv *csv)
{
    if (csv->count == WATCHLIST_CSV_FIELDS_MAX) {
        blame(csv, "the record has more than 64 fields");
        csv->count--;
    }
    csv->starts[csv->count++] = csv->text->len;
    csv->state = FIELD_START;
}

static void
begin_record(WatchlistCsv *csv)
{
    g_string_truncate(csv->text, 0);
    csv->count = 0;
    csv->bytes = 0;
    csv->fault = NULL;
    csv->line = csv->reached + 1;
    begin_field(csv);
}

static void
put(WatchlistCsv *csv, char byte)
{
    if (byte == '\0')
        blame(csv, "the record holds a NUL byte");
    else if (csv->fault == NULL)
        g_string_append_c(csv->text, byte);
}

static void
take_quoted(WatchlistCsv *csv, char byte)
{
    if (byte == '"')
        csv->state = QUOTE_SEEN;
    else
        put(csv, byte);
}

/* A byte that ends neither field nor record, outside quotes. */
static void
take_plain(WatchlistCsv *csv, char byte)
{
    if (byte == '"' && csv->state == FIELD_START) {
        csv->state = QUOTED;
    } else if (byte == '"' && csv->state == QUOTE_SEEN) {
        csv->state = QUOTED;
        put(csv, byte);
    } else if (byte == '"' || (csv->state == QUOTE_SEEN && !g_ascii_isspace(byte))) {
        blame(csv, "the record has a quote out of place (RFC 4180)");
        csv->state = PLAIN;
    } else if (csv->state != QUOTE_SEEN && (csv->state == PLAIN || !g_ascii_isspace(byte))) {
        csv->state = PLAIN;
        put(csv, byte);
    }
}

/* TRUE: the byte was the record's last. */
static gboolean
take_byte(WatchlistCsv *csv, char byte)
{
    if (byte == '\n')
        csv->reached++;
    if (++csv->bytes > DV_WATCHLIST_LINE_MAX) {
        blame(csv, csv->state == QUOTED ? "a quote opens and does not close"
                                        : "the record is longer than 16384 bytes");
        return byte == '\n'; /* whatever is open: the next line may be a record again */
    }
    if (csv->state == QUOTED) {
        take_quoted(csv, byte);
    } else if (byte == '\n') {
        return TRUE;
    } else if (byte == ',') {
        g_string_append_c(csv->text, '\0');
        begin_field(csv);
    } else {
        take_plain(csv, byte);
    }
    return FALSE;
}

/* TRUE also when the source ended; *any: there was a byte. */
static gboolean
collect(WatchlistCsv *csv, WatchlistInput *input, gboolean *any, GError **error)
{
    for (*any = FALSE;;) {
        if (input->left == 0 && !watchlist_input_fill(input, error))
            return FALSE;
        if (input->left == 0)
            break;
        *any = TRUE;
        input->left--;
        if (take_byte(csv, (char)*input->data++))
            return TRUE;
    }
    if (csv->state == QUOTED)
        blame(csv, "a quote opens and does not close");
    return TRUE;
}

static gboolean
finish_record(WatchlistCsv *csv, GError **error)
{
    if (csv->fault == NULL) {
        for (guint i = 0; i < csv->count; i++)
            csv->fields[i] = g_strchomp(csv->text->str + csv->starts[i]);
        for (guint i = 0; i < csv->count && csv->fault == NULL; i++)
            if (!g_utf8_validate(csv->fields[i], -1, NULL))
                csv->fault = "the record is not UTF-8 text";
    }
    if (csv->fault == NULL)
        return TRUE;
    if (csv->reached > csv->line)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s; lines up to %" G_GUINT64_FORMAT " were taken for one record", csv->fault,
                    csv->reached);
    else
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, csv->fault);
    return FALSE;
}

WatchlistLineResult
watchlist_csv_next(WatchlistCsv *csv, WatchlistInput *input, GError **error)
{
    gboolean any;

    for (;;) {
        begin_record(csv);
        if (!collect(csv, input, &any, error))
            return WATCHLIST_TROUBLE;
        if (!any)
            return WATCHLIST_END;
        if (!finish_record(csv, error))
            return WATCHLIST_BAD_LINE;
        if (csv->count > 1 || csv->fields[0][0] != '\0')
            return WATCHLIST_LINE;
    }
}
