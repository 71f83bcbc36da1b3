// SPDX-License-Identifier: Apache-2.0
#include "match.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <darvaza/watchlist.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Clocks of owner and booth may differ by this much without anybody being wrong. */
#define CLOCK_SLACK_US (G_GINT64_CONSTANT(300) * G_USEC_PER_SEC)

/* A file of the folder as it was when it was last looked at. */
typedef struct {
    char *path;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
    ListFile *file; /* NULL: could not be opened */
    char *trouble;  /* then why */
    guint seen;     /* the round in which the folder held it */
} Entry;

struct DvWatchlist {
    char *folder;       /* NULL: only the files named at the start */
    GPtrArray *entries; /* Entry */
    gboolean training;
    gboolean too_many;
    char *folder_trouble; /* the folder cannot be read: why */
    gint64 floor_us;
    guint round;
};

/* ---- files */

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    list_file_free(entry->file);
    g_free(entry->trouble);
    g_free(entry->path);
    g_free(entry);
}

static gboolean
is_same(const Entry *entry, const struct stat *info)
{
    return entry->device == info->st_dev && entry->inode == info->st_ino &&
           entry->size == info->st_size && entry->changed.tv_sec == info->st_mtim.tv_sec &&
           entry->changed.tv_nsec == info->st_mtim.tv_nsec;
}

static void
load_entry(Entry *entry)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *former = g_steal_pointer(&entry->trouble);

    g_clear_pointer(&entry->file, list_file_free);
    entry->file = list_file_open(entry->path, &error);
    if (entry->file == NULL) {
        entry->trouble = g_strdup(error->message);
        if (g_strcmp0(former, entry->trouble) != 0)
            dv_log_warning("watchlist: %s", error->message);
    } else {
        dv_log_info("watchlist %s version %" G_GINT64_FORMAT " in use: %" G_GINT64_FORMAT " alerts",
                    entry->file->list_id, entry->file->version, entry->file->rows);
    }
}

static Entry *
find_entry(DvWatchlist *lists, const char *path)
{
    for (guint i = 0; i < lists->entries->len; i++) {
        Entry *entry = g_ptr_array_index(lists->entries, i);
        if (g_str_equal(entry->path, path))
            return entry;
    }
    Entry *entry = g_new0(Entry, 1);
    entry->path = g_strdup(path);
    g_ptr_array_add(lists->entries, entry);
    return entry;
}

/* One file: opened if new, again if changed or if it failed the last time. A file that is gone
 * stays as a failed list when it was named by the caller. */
static void
look_at(DvWatchlist *lists, const char *path)
{
    Entry *entry = find_entry(lists, path);
    struct stat info;

    entry->seen = lists->round;
    if (stat(path, &info) != 0) {
        g_clear_pointer(&entry->file, list_file_free);
        g_free(entry->trouble);
        entry->trouble = g_strdup_printf("cannot open %s: %s", path, g_strerror(errno));
        entry->inode = 0;
        return;
    }
    if (entry->file != NULL && is_same(entry, &info))
        return;
    entry->device = info.st_dev;
    entry->inode = info.st_ino;
    entry->size = info.st_size;
    entry->changed = info.st_mtim;
    load_entry(entry);
}

static void
look_at_folder(DvWatchlist *lists)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(lists->folder, 0, &error);
    guint count = 0;

    g_clear_pointer(&lists->folder_trouble, g_free);
    lists->too_many = FALSE;
    if (folder == NULL) {
        lists->folder_trouble = g_strdup(error->message);
        return;
    }
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
        if (name[0] == '.' || !g_str_has_suffix(name, DV_WATCHLIST_SUFFIX))
            continue;
        if (++count > DV_WATCHLIST_LISTS_MAX) {
            lists->too_many = TRUE;
            return;
        }
        g_autofree char *path = g_build_filename(lists->folder, name, NULL);
        look_at(lists, path);
    }
}

static void
refresh(DvWatchlist *lists)
{
    lists->round++;
    if (lists->folder == NULL) {
        for (guint i = 0; i < lists->entries->len; i++)
            look_at(lists, ((Entry *)g_ptr_array_index(lists->entries, i))->path);
        return;
    }
    look_at_folder(lists);
    for (guint i = lists->entries->len; i > 0 && !lists->too_many; i--) {
        const Entry *entry = g_ptr_array_index(lists->entries, i - 1);
        if (entry->seen == lists->round)
            continue;
        dv_log_warning("watchlist: %s is gone", entry->path);
        g_ptr_array_remove_index(lists->entries, i - 1);
    }
}

DvWatchlist *
dv_watchlist_open(const char *folder, gboolean training, GError **error)
{
    g_autoptr(DvWatchlist) lists = g_new0(DvWatchlist, 1);

    lists->folder = g_strdup(folder);
    lists->training = training;
    lists->entries = g_ptr_array_new_with_free_func(entry_free);
    refresh(lists);
    if (lists->folder_trouble != NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "cannot read the folder of watchlists: %s",
                    lists->folder_trouble);
        return NULL;
    }
    return g_steal_pointer(&lists);
}

DvWatchlist *
dv_watchlist_open_files(const char *const *paths, gboolean training)
{
    DvWatchlist *lists = g_new0(DvWatchlist, 1);

    lists->training = training;
    lists->entries = g_ptr_array_new_with_free_func(entry_free);
    for (gsize i = 0; paths[i] != NULL; i++)
        look_at(lists, paths[i]);
    return lists;
}

void
dv_watchlist_free(DvWatchlist *lists)
{
    if (lists == NULL)
        return;
    g_ptr_array_unref(lists->entries);
    g_free(lists->folder_trouble);
    g_free(lists->folder);
    g_free(lists);
}

void
dv_watchlist_set_training(DvWatchlist *lists, gboolean training)
{
    lists->training = training;
}

void
dv_watchlist_set_clock_floor(DvWatchlist *lists, gint64 floor_us)
{
    lists->floor_us = floor_us;
}

/* ---- answers */

static void
list_free(gpointer data)
{
    DvWatchlistList *list = data;

    g_free(list->list_id);
    g_free(list->title);
    g_free(list->owner);
    g_free(list->explanation);
    g_free(list);
}

void
dv_watchlist_answer_free(DvWatchlistAnswer *answer)
{
    if (answer == NULL)
        return;
    g_ptr_array_unref(answer->lists);
    g_ptr_array_unref(answer->hits);
    g_free(answer->undetermined_because);
    g_free(answer);
}

static DvWatchlistAnswer *
new_answer(void)
{
    DvWatchlistAnswer *answer = g_new0(DvWatchlistAnswer, 1);

    answer->lists = g_ptr_array_new_with_free_func(list_free);
    answer->hits = g_ptr_array_new_with_free_func(match_hit_free);
    answer->determined = TRUE;
    answer->undetermined_because = g_strdup("");
    return answer;
}

/* The first reason stays first; further ones follow it. */
static void
undetermine(DvWatchlistAnswer *answer, const char *because)
{
    answer->determined = FALSE;
    char *joined = *answer->undetermined_because == '\0'
                       ? g_strdup(because)
                       : g_strdup_printf("%s; %s", answer->undetermined_because, because);
    g_free(answer->undetermined_because);
    answer->undetermined_because = joined;
}

static void
fail_list(DvWatchlistAnswer *answer, DvWatchlistList *list, const char *why)
{
    g_autofree char *because = g_strdup_printf("list %s could not be asked", list->list_id);

    list->status = DV_WATCHLIST_FAILED;
    g_free(list->explanation);
    list->explanation = g_strdup_printf("List %s could not be asked: %s", list->list_id, why);
    undetermine(answer, because);
}

static void
judge_age(DvWatchlistAnswer *answer, DvWatchlistList *list, const ListFile *file, gint64 now_us)
{
    g_autofree char *expires = dv_time_format(file->expires_us);

    list->status = DV_WATCHLIST_FRESH;
    list->explanation = g_strdup("");
    if (now_us >= file->expires_us) {
        g_autofree char *because =
            g_strdup_printf("list %s expired on %.10s", file->list_id, expires);
        list->status = DV_WATCHLIST_EXPIRED;
        g_free(list->explanation);
        list->explanation =
            g_strdup_printf("List %s expired on %.10s and was not asked.", file->list_id, expires);
        undetermine(answer, because);
    } else if (now_us >= file->stale_us) {
        list->status = DV_WATCHLIST_STALE;
        g_free(list->explanation);
        list->explanation =
            g_strdup_printf("List %s is old; it is used until %.10s.", file->list_id, expires);
    }
}

static DvWatchlistList *
describe(DvWatchlistAnswer *answer, const Entry *entry, gint64 now_us)
{
    DvWatchlistList *list = g_new0(DvWatchlistList, 1);
    const ListFile *file = entry->file;

    g_ptr_array_add(answer->lists, list);
    list->age_s = -1;
    if (file == NULL) {
        g_autofree char *base = g_path_get_basename(entry->path);
        if (g_str_has_suffix(base, DV_WATCHLIST_SUFFIX))
            base[strlen(base) - strlen(DV_WATCHLIST_SUFFIX)] = '\0';
        list->list_id = g_steal_pointer(&base);
        list->title = g_strdup("");
        list->owner = g_strdup("");
        fail_list(answer, list, entry->trouble);
        return list;
    }
    list->list_id = g_strdup(file->list_id);
    list->title = g_strdup(file->title);
    list->owner = g_strdup(file->owner);
    list->kind = file->kind;
    list->version = file->version;
    list->is_training = file->is_training;
    list->rows = file->rows;
    list->documents = file->documents;
    list->persons = file->persons;
    list->expires_us = file->expires_us;
    list->age_s = MAX(now_us - file->generated_us, 0) / G_USEC_PER_SEC;
    judge_age(answer, list, file, now_us);
    return list;
}

/* Two files of one list: which one counts is not for this program to guess. */
static gboolean
stands_twice(const DvWatchlist *lists, const Entry *entry)
{
    for (guint i = 0; i < lists->entries->len && entry->file != NULL; i++) {
        const Entry *other = g_ptr_array_index(lists->entries, i);
        if (other != entry && other->file != NULL &&
            g_str_equal(other->file->list_id, entry->file->list_id))
            return TRUE;
    }
    return FALSE;
}

static void
ask_entry(DvWatchlist *lists, Entry *entry, const Question *question, gint64 now_us,
          DvWatchlistAnswer *answer)
{
    g_autoptr(GError) error = NULL;
    DvWatchlistList *list = describe(answer, entry, now_us);

    if (list->status == DV_WATCHLIST_FAILED)
        return;
    if (stands_twice(lists, entry)) {
        fail_list(answer, list, "it stands in two files");
        return;
    }
    if (question == NULL || list->status == DV_WATCHLIST_EXPIRED)
        return;
    if (!match_list(entry->file, question, now_us, answer->hits, &answer->capped, &error)) {
        dv_log_warning("watchlist %s: %s", list->list_id, error->message);
        fail_list(answer, list, error->message);
    }
}

static gint
by_id(gconstpointer a, gconstpointer b)
{
    return strcmp((*(DvWatchlistList *const *)a)->list_id, (*(DvWatchlistList *const *)b)->list_id);
}

/* Without a clock that can be trusted no validity can be judged. */
static void
judge_clock(const DvWatchlist *lists, gint64 now_us, DvWatchlistAnswer *answer)
{
    gint64 floor_us = lists->floor_us;

    for (guint i = 0; i < lists->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(lists->entries, i);
        if (entry->file != NULL)
            floor_us = MAX(floor_us, entry->file->generated_us);
    }
    if (now_us + CLOCK_SLACK_US >= floor_us)
        return;
    g_autofree char *floor_text = dv_time_format(floor_us);
    g_autofree char *because = g_strdup_printf("the clock is wrong: it was %s already", floor_text);
    undetermine(answer, because);
}

static DvWatchlistAnswer *
answer_all(DvWatchlist *lists, const Question *question, gint64 now_us)
{
    DvWatchlistAnswer *answer = new_answer();

    refresh(lists);
    judge_clock(lists, now_us, answer);
    for (guint i = 0; i < lists->entries->len; i++) {
        Entry *entry = g_ptr_array_index(lists->entries, i);
        if (entry->file == NULL || !entry->file->is_training == !lists->training)
            ask_entry(lists, entry, question, now_us, answer);
    }
    if (lists->folder_trouble != NULL)
        undetermine(answer, "the folder of watchlists cannot be read");
    else if (answer->lists->len == 0)
        undetermine(answer, lists->training ? "there is no training watchlist on this machine"
                                            : "there is no watchlist on this machine");
    if (lists->too_many)
        undetermine(answer, "there are more watchlists than can be asked");
    g_ptr_array_sort(answer->lists, by_id);
    g_ptr_array_sort(answer->hits, match_compare);
    if (answer->hits->len > DV_WATCHLIST_HITS_MAX) {
        g_ptr_array_set_size(answer->hits, DV_WATCHLIST_HITS_MAX);
        answer->capped = TRUE;
    }
    return answer;
}

static gboolean
is_given(const char *value)
{
    return value != NULL && *value != '\0';
}

/* A name that was read but cannot be asked for must not pass for one that is not listed. */
static void
judge_question(DvWatchlistAnswer *answer, const Question *question)
{
    const DvWatchlistSubject *subject = question->subject;
    gboolean persons = FALSE, documents = FALSE;

    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        persons |= list->persons > 0;
        documents |= list->documents > 0;
    }
    answer->asked_document = question->document_key != NULL;
    answer->asked_person = question->person_key != NULL;
    if (!answer->asked_document && !answer->asked_person) {
        undetermine(answer, "there is neither a document number nor a name with a whole birth date "
                            "to ask for");
        return;
    }
    if (!answer->asked_person && persons &&
        (is_given(subject->surname) || is_given(subject->given_names)))
        undetermine(answer, "the name cannot be looked up without a whole birth date");
    if (!answer->asked_document && documents && is_given(subject->document_number))
        undetermine(answer, "the document number is none that can be looked up");
}

DvWatchlistAnswer *
dv_watchlist_check(DvWatchlist *lists, const DvWatchlistSubject *subject, gint64 now_us)
{
    Question question;

    question_init(&question, subject);
    DvWatchlistAnswer *answer = answer_all(lists, &question, now_us);
    judge_question(answer, &question);
    question_clear(&question);
    return answer;
}

DvWatchlistAnswer *
dv_watchlist_status(DvWatchlist *lists, gint64 now_us)
{
    return answer_all(lists, NULL, now_us);
}
