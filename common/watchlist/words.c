// SPDX-License-Identifier: Apache-2.0
#include <darvaza/watchlist.h>

const char *
dv_watchlist_action_word(DvWatchlistAction action)
{
    static const char *const words[] = {
        [DV_WATCHLIST_STOP_REFER] = "STOP_REFER",
        [DV_WATCHLIST_SEIZE_DOCUMENT] = "SEIZE_DOCUMENT",
        [DV_WATCHLIST_PROTECT_MISSING] = "PROTECT_MISSING",
        [DV_WATCHLIST_LOCATE] = "LOCATE",
        [DV_WATCHLIST_DISCREET] = "DISCREET",
        [DV_WATCHLIST_INFO] = "INFO",
    };
    return words[action];
}

const char *
dv_watchlist_match_word(DvWatchlistMatch match)
{
    static const char *const words[] = {
        [DV_WATCHLIST_EXACT_DOCUMENT] = "EXACT_DOCUMENT",
        [DV_WATCHLIST_FOLDED_DOCUMENT] = "FOLDED_DOCUMENT",
        [DV_WATCHLIST_EXACT_PERSON] = "EXACT_PERSON",
        [DV_WATCHLIST_FUZZY_PERSON] = "FUZZY_PERSON",
    };
    return words[match];
}

const char *
dv_watchlist_status_word(DvWatchlistStatus status)
{
    static const char *const words[] = {
        [DV_WATCHLIST_FRESH] = "FRESH",
        [DV_WATCHLIST_STALE] = "STALE",
        [DV_WATCHLIST_EXPIRED] = "EXPIRED",
        [DV_WATCHLIST_FAILED] = "FAILED",
    };
    return words[status];
}

const char *
dv_watchlist_kind_word(DvWatchlistKind kind)
{
    return kind == DV_WATCHLIST_KIND_LOST_STOLEN ? "LOST_STOLEN" : "ALERTS";
}

const char *
dv_watchlist_agreement_word(DvWatchlistAgreement agreement)
{
    static const char *const words[] = {
        [DV_WATCHLIST_AGREES] = "AGREES",
        [DV_WATCHLIST_SIMILAR] = "SIMILAR",
        [DV_WATCHLIST_CONTRADICTS] = "CONTRADICTS",
        [DV_WATCHLIST_OMITTED] = "OMITTED",
    };
    return words[agreement];
}
