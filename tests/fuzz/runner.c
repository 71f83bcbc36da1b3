// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a fuzz target as a plain test, without libFuzzer: every file of its corpus as it is, then a
 * fixed number of mutations of each, the same ones in every run.
 *
 * usage: fuzz_NAME [--mutations N] [--seed S] CORPUS_FOLDER
 */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUTATIONS_DEFAULT 64 /* per corpus file */
#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static struct {
    char name[256];
    guint mutation; /* 0: the file as it is */
} current;

static void
on_crash(int number)
{
    char text[320];
    int length = snprintf(text, sizeof text, "fuzz: signal %d in %s, mutation %u\n", number,
                          current.name, current.mutation);
    if (write(STDERR_FILENO, text, (size_t)length) < 0)
        _exit(1);
    raise(number); /* the handler is gone: SA_RESETHAND */
}

static void
name_crashes(void)
{
    const int signals[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
        struct sigaction before;
        sigaction(signals[i], NULL, &before);
        if (before.sa_handler == SIG_DFL) /* a sanitizer's own handler knows more */
            sigaction(signals[i], &action, NULL);
    }
}

/* One small change: flip a bit, set, insert, remove, repeat a stretch, or cut the end. */
static void
mutate(GByteArray *bytes, GRand *random)
{
    static const guint8 telling[] = {0, '\n', '\r', '<', ' ', '0', 'A', '{', '"', 0x7f, 0x80, 0xff};
    guint length = bytes->len;
    guint at = length ? (guint)g_rand_int_range(random, 0, (gint32)length) : 0;
    guint span = length ? (guint)g_rand_int_range(random, 1, (gint32)MIN(16, length - at) + 1) : 0;
    guint8 value = telling[g_rand_int_range(random, 0, G_N_ELEMENTS(telling))];
    if (length == 0) {
        g_byte_array_append(bytes, &value, 1);
        return;
    }
    switch (g_rand_int_range(random, 0, 6)) {
    case 0:
        bytes->data[at] ^= (guint8)(1u << g_rand_int_range(random, 0, 8));
        break;
    case 1:
        bytes->data[at] = value;
        break;
    case 2:
        g_byte_array_append(bytes, &value, 1);
        for (guint i = bytes->len - 1; i > at; i--)
            bytes->data[i] = bytes->data[i - 1];
        bytes->data[at] = value;
        break;
    case 3:
        g_byte_array_remove_range(bytes, at, span);
        break;
    case 4: {
        g_autofree guint8 *stretch = g_memdup2(bytes->data + at, span);
        g_byte_array_append(bytes, stretch, span);
        break;
    }
    default:
        g_byte_array_set_size(bytes, at);
    }
}

/* A copy of exactly the input's size, so that a sanitizer sees a read one byte behind it. */
static void
run_one(const guint8 *data, gsize size)
{
    g_autofree guint8 *copy = size ? g_memdup2(data, size) : NULL;
    LLVMFuzzerTestOneInput(copy, size);
}

static gsize
run_file(const char *path, const char *name, guint mutations, guint32 seed)
{
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, NULL) || size > INPUT_MAX) {
        fprintf(stderr, "fuzz: cannot use %s (unreadable or larger than %d bytes)\n", path,
                INPUT_MAX);
        exit(1);
    }
    g_strlcpy(current.name, name, sizeof current.name);
    current.mutation = 0;
    run_one((const guint8 *)text, size);
    GRand *random = g_rand_new_with_seed(seed ^ g_str_hash(name));
    GByteArray *bytes = g_byte_array_new();
    for (current.mutation = 1; current.mutation <= mutations; current.mutation++) {
        if (current.mutation % 8 == 1) { /* changes pile up for a while, then start over */
            g_byte_array_set_size(bytes, 0);
            g_byte_array_append(bytes, (const guint8 *)text, (guint)size);
        }
        mutate(bytes, random);
        run_one(bytes->data, bytes->len);
    }
    g_byte_array_unref(bytes);
    g_rand_free(random);
    return 1 + mutations;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_files(const char *folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    return names;
}

int
main(int argc, char **argv)
{
    int mutations = MUTATIONS_DEFAULT, seed = 1;
    g_autoptr(GError) error = NULL;
    const GOptionEntry options[] = {
        {"mutations", 0, 0, G_OPTION_ARG_INT, &mutations, "per corpus file", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "of the mutations", "S"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("CORPUS_FOLDER");
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2 || mutations < 0) {
        fprintf(stderr, "fuzz: %s\n", error ? error->message : "name one corpus folder");
        return 2;
    }
    name_crashes();
    g_autoptr(GPtrArray) names = list_files(argv[1]);
    if (names->len == 0) {
        fprintf(stderr, "fuzz: no corpus in %s\n", argv[1]);
        return 1;
    }
    gsize runs = 0;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = g_build_filename(argv[1], name, NULL);
        runs += run_file(path, name, (guint)mutations, (guint32)seed);
    }
    printf("%u corpus files, %" G_GSIZE_FORMAT " runs\n", names->len, runs);
    return 0;
}
