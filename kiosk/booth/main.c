// SPDX-License-Identifier: Apache-2.0
#include <darvaza/booth.h>

int
main(int argc, char **argv)
{
    return dv_daemon_main(&dv_booth_daemon, argc, argv);
}
