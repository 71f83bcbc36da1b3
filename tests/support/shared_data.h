// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Reference data that is not part of the product and may be absent. */

/* Path of a file below DARVAZA_SHARED_DATA, or below ../shared/data seen from the source root. NULL
 * with a word on stderr if it is not there: the test then exits with DV_TEST_SKIP. Caller frees. */
char *dv_test_shared_data(const char *relative);

#define DV_TEST_SKIP 77
