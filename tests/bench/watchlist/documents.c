// SPDX-License-Identifier: Apache-2.0
#include "documents.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MADE "2026-11-23T12:00:00Z"

static const char profile_text[] =
    "{\"list_id\":\"bench\",\"title\":\"Bench\",\"owner\":\"Bureau\",\"kind\":\"lost_stolen\","
    "\"version\":1,\"generated_at\":\"" MADE "\",\"stale_after\":\"P30D\",\"expires_at\":\"P60D\","
    "\"defaults\":{\"legal_basis\":\"Act 1\",\"purpose\":\"Recovery of documents\","
    "\"action\":\"SEIZE_DOCUMENT\"}}";

static gint64
nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static int
by_value(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

void
bench_print_times(const char *bench, const char *question, gint64 documents, GArray *times)
{
    const gint64 *t = (const gint64 *)(gpointer)times->data;
    guint n = times->len;

    if (n == 0)
        return;
    g_array_sort(times, by_value);
    printf("{\"bench\":\"%s\",\"question\":\"%s\",\"documents\":%" G_GINT64_FORMAT
           ",\"n\":%u,\"p50_us\":%.2f,\"p99_us\":%.2f,\"max_us\":%.2f}\n",
           bench, question, documents, n, (double)t[n / 2] / 1000,
           (double)t[(guint64)n * 99 / 100] / 1000, (double)t[n - 1] / 1000);
    fflush(stdout);
    g_array_set_size(times, 0);
}

/* ---- building, in a process of its own so that its memory is counted alone */

static void
add_document(DvWatchlistBuilder *builder, guint32 seed, gint64 i)
{
    const char *columns[DV_WATCHLIST_COLUMNS] = {NULL};
    g_autoptr(GError) error = NULL;
    BenchDocument document;

    bench_document(seed, i, &document);
    columns[DV_WATCHLIST_COLUMN_SUBJECT] = "document";
    columns[DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER] = document.number;
    columns[DV_WATCHLIST_COLUMN_ISSUING_STATE] = document.issuer;
    columns[DV_WATCHLIST_COLUMN_DOCUMENT_TYPE] = document.type;
    columns[DV_WATCHLIST_COLUMN_OWNER] = document.owner;
    columns[DV_WATCHLIST_COLUMN_REVIEW_DATE] = document.review_date;
    columns[DV_WATCHLIST_COLUMN_REASON] = document.reason;
    if (!dv_watchlist_builder_add_columns(builder, columns, &error))
        g_error("document %" G_GINT64_FORMAT ": %s", i, error->message);
}

/* Names of syllables: only what they weigh in the file matters here. */
static void
add_person(DvWatchlistBuilder *builder, GRand *rand, gint64 i)
{
    static const char *const syllables[] = {"MA", "RO",  "KI",  "TE", "LU", "SHA", "BEK", "DA",
                                            "NO", "RIM", "GUL", "AB", "ZO", "HAN", "VI",  "JA"};
    const char *columns[DV_WATCHLIST_COLUMNS] = {NULL};
    g_autoptr(GString) surname = g_string_new(NULL);
    g_autoptr(GString) given = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    char id[24], birth[11];

    for (int k = 0; k < 4; k++) {
        g_string_append(surname, syllables[g_rand_int_range(rand, 0, 16)]);
        g_string_append(given, syllables[g_rand_int_range(rand, 0, 16)]);
    }
    g_snprintf(id, sizeof id, "p%" G_GINT64_FORMAT, i);
    g_snprintf(birth, sizeof birth, "%04d-%02d-%02d", g_rand_int_range(rand, 1935, 2010),
               g_rand_int_range(rand, 1, 13), g_rand_int_range(rand, 1, 29));
    columns[DV_WATCHLIST_COLUMN_ALERT_ID] = id;
    columns[DV_WATCHLIST_COLUMN_SUBJECT] = "person";
    columns[DV_WATCHLIST_COLUMN_SURNAME] = surname->str;
    columns[DV_WATCHLIST_COLUMN_GIVEN_NAMES] = given->str;
    columns[DV_WATCHLIST_COLUMN_BIRTH_DATE] = birth;
    columns[DV_WATCHLIST_COLUMN_SEX] = i % 2 == 0 ? "F" : "M";
    columns[DV_WATCHLIST_COLUMN_NATIONALITY] = "UTO";
    columns[DV_WATCHLIST_COLUMN_OWNER] = "Bureau 0";
    columns[DV_WATCHLIST_COLUMN_REVIEW_DATE] = "2028-06-30";
    if (!dv_watchlist_builder_add_columns(builder, columns, &error))
        g_error("person %" G_GINT64_FORMAT ": %s", i, error->message);
}

static void
build(const DocumentsOptions *options, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(options->seed);
    g_autoptr(json_t) profile =
        dv_json_parse(profile_text, strlen(profile_text), sizeof profile_text, &error);
    g_autoptr(DvWatchlistBuilder) builder = dv_watchlist_builder_new(profile, NULL, path, &error);
    g_autoptr(DvWatchlistReport) report = NULL;

    g_assert_no_error(error);
    gint64 start = nanoseconds();
    for (gint64 i = 0; i < options->documents; i++)
        add_document(builder, options->seed, i);
    for (gint64 i = 0; i < options->persons; i++)
        add_person(builder, rand, i);
    gint64 added = nanoseconds();
    dv_watchlist_builder_finish(builder, &report, &error);
    g_assert_no_error(error);
    printf("{\"bench\":\"watchlist_build_steps\",\"rows\":%" G_GUINT64_FORMAT
           ",\"twice\":%" G_GUINT64_FORMAT ",\"add_s\":%.1f,\"finish_s\":%.1f}\n",
           report->taken, report->refused, (double)(added - start) / 1e9,
           (double)(nanoseconds() - added) / 1e9);
}

/* Runs work in a child and gives its resources. */
static struct rusage
in_child(void (*work)(const DocumentsOptions *options, const char *path),
         const DocumentsOptions *options, const char *path)
{
    struct rusage usage;
    int status = 0;

    fflush(stdout);
    pid_t child = fork();
    g_assert(child >= 0);
    if (child == 0) {
        work(options, path);
        fflush(stdout);
        _exit(0);
    }
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    if (status != 0)
        g_error("a part of the benchmark failed");
    return usage;
}

static void
measure_build(const DocumentsOptions *options, const char *path)
{
    gint64 start = nanoseconds();
    struct rusage usage = in_child(build, options, path);
    GStatBuf info;

    g_assert(g_stat(path, &info) == 0);
    printf("{\"bench\":\"watchlist_build\",\"documents\":%" G_GINT64_FORMAT
           ",\"persons\":%" G_GINT64_FORMAT ",\"s\":%.1f,\"cpu_s\":%.1f,\"peak_rss_mb\":%ld,"
           "\"file_bytes\":%" G_GINT64_FORMAT ",\"bytes_per_row\":%.2f}\n",
           options->documents, options->persons, (double)(nanoseconds() - start) / 1e9,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
           usage.ru_maxrss / 1024, (gint64)info.st_size,
           (double)info.st_size / (double)(options->documents + options->persons));
    fflush(stdout);
}

/* ---- asking */

static const char *const kinds[] = {"listed", "not listed", "look-alike", "issuer not known"};
enum { KIND_LISTED, KIND_MISS, KIND_FOLDED, KIND_NO_ISSUER, KINDS };

/* Another character for the first that has a look-alike. FALSE: none has. */
static gboolean
confuse(char *number)
{
    static const char from[] = "O0I1S5B8Z2", to[] = "0O1I5S8B2Z";

    for (; *number != '\0'; number++) {
        const char *found = strchr(from, *number);
        if (found != NULL) {
            *number = to[found - from];
            return TRUE;
        }
    }
    return FALSE;
}

typedef struct {
    const DocumentsOptions *options;
    DvWatchlist *lists;
    GRand *rand;
    gint64 now_us;
    gint64 unexpected;
} Asker;

static gint64
ask(Asker *asker, int kind)
{
    const DocumentsOptions *options = asker->options;
    gint64 which = (gint64)(g_rand_double(asker->rand) * (double)options->documents);
    BenchDocument document;

    /* Documents beyond the last one are not listed, or only by chance. */
    do
        bench_document(options->seed, kind == KIND_MISS ? options->documents + which : which,
                       &document);
    while (kind == KIND_FOLDED && !confuse(document.number) && ++which > 0);
    const DvWatchlistSubject subject = {
        .document_number = document.number,
        .issuing_state = kind == KIND_NO_ISSUER ? NULL : document.issuer,
        .document_type = document.type,
    };
    gint64 start = nanoseconds();
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(asker->lists, &subject, asker->now_us);
    gint64 took = nanoseconds() - start;
    if (!answer->determined)
        g_error("the answer is undetermined: %s", answer->undetermined_because);
    if ((answer->hits->len == 0) != (kind == KIND_MISS))
        asker->unexpected++;
    return took;
}

static void
print_memory(const DocumentsOptions *options)
{
    g_autofree char *status = NULL;
    gint64 kilobytes = 0;

    g_assert(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    static const char *const members[] = {"RssAnon:", "RssShmem:"};
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *found = strstr(status, members[i]);
        g_assert(found != NULL);
        kilobytes += g_ascii_strtoll(found + strlen(members[i]), NULL, 10);
    }
    printf("{\"bench\":\"watchlist_memory\",\"documents\":%" G_GINT64_FORMAT
           ",\"private_and_shared_anonymous_mb\":%.1f}\n",
           options->documents, (double)kilobytes / 1024);
}

static void
ask_warm(const DocumentsOptions *options, const char *path)
{
    const char *const files[] = {path, NULL};
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    Asker asker = {.options = options, .rand = g_rand_new_with_seed(options->seed + 1)};

    g_assert_true(dv_time_parse(MADE, &asker.now_us, NULL));
    gint64 start = nanoseconds();
    asker.lists = dv_watchlist_open_files(files, FALSE);
    printf("{\"bench\":\"watchlist_open\",\"us\":%.0f}\n", (double)(nanoseconds() - start) / 1000);
    for (int kind = 0; kind < KINDS; kind++) {
        /* The same questions twice: the first time brings the pages, the second is counted. */
        for (int round = 0; round < 2; round++) {
            g_rand_set_seed(asker.rand, options->seed + 10 + (guint32)kind);
            asker.unexpected = 0;
            for (gint64 i = 0; i < options->questions; i++) {
                gint64 took = ask(&asker, kind);
                if (round == 1)
                    g_array_append_val(times, took);
            }
        }
        bench_print_times("watchlist_documents_warm", kinds[kind], options->documents, times);
        if (kind != KIND_MISS && asker.unexpected > 0)
            g_error("%d listed documents were not found", (int)asker.unexpected);
        if (kind == KIND_MISS)
            printf("{\"bench\":\"watchlist_documents_listed_by_chance\",\"n\":%d}\n",
                   (int)asker.unexpected);
    }
    print_memory(options);
    g_rand_free(asker.rand);
    dv_watchlist_free(asker.lists);
}

/* ---- cold */

/* How many of the file's pages are in memory. */
static gint64
resident_pages(int fd, gsize size)
{
    gsize pages = (size + 4095) / 4096;
    g_autofree unsigned char *there = g_malloc(pages);
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    gint64 count = 0;

    g_assert(map != MAP_FAILED);
    g_assert(mincore(map, size, there) == 0);
    munmap(map, size);
    for (gsize i = 0; i < pages; i++)
        count += there[i] & 1;
    return count;
}

static void
ask_cold(const DocumentsOptions *options, const char *path)
{
    const char *const files[] = {path, NULL};
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    Asker asker = {.options = options, .rand = g_rand_new_with_seed(options->seed + 2)};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gint64 most = 0;
    struct stat info;

    g_assert(fd >= 0 && fstat(fd, &info) == 0);
    g_assert_true(dv_time_parse(MADE, &asker.now_us, NULL));
    for (int kind = 0; kind < KIND_FOLDED; kind++) {
        for (gint64 i = 0; i < options->cold; i++) {
            posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
            if (i % 50 == 0)
                most = MAX(most, resident_pages(fd, (gsize)info.st_size));
            asker.lists = dv_watchlist_open_files(files, FALSE);
            gint64 took = ask(&asker, kind);
            dv_watchlist_free(asker.lists);
            g_array_append_val(times, took);
        }
        bench_print_times("watchlist_documents_cold", kinds[kind], options->documents, times);
    }
    printf("{\"bench\":\"watchlist_cold_is\",\"how\":\"before each question all mappings closed, "
           "POSIX_FADV_DONTNEED on the file, list opened anew (not timed)\","
           "\"pages_left_at_most\":%" G_GINT64_FORMAT "}\n",
           most);
    g_rand_free(asker.rand);
    close(fd);
}

void
bench_documents(const DocumentsOptions *options)
{
    g_autofree char *path = g_build_filename(options->folder, "bench" DV_WATCHLIST_SUFFIX, NULL);
    int fd;

    measure_build(options, path);
    in_child(ask_warm, options, path);
    /* Pages that are still to be written cannot be dropped. */
    fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert(fd >= 0 && fsync(fd) == 0);
    close(fd);
    in_child(ask_cold, options, path);
    bench_peer_sqlite(options);
    bench_peer_postgres(options);
    g_unlink(path);
}
