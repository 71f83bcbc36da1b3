// SPDX-License-Identifier: Apache-2.0
#include <darvaza/lists.h>

int
main(int argc, char **argv)
{
    return dv_daemon_main(&dv_lists_daemon, argc, argv);
}
