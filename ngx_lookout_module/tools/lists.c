/*
 * A list's page. Items are written one by one; before the next one is begun, the one before is
 * looked at: if the answer has outgrown the envelope it is taken out again, and the cursor goes
 * on from it, so that a client that pages loses nothing.
 */

#include "lists.h"

#include "envelope.h"


static lookout_cursor_bond_t
listing_bond(const lookout_listing_t *listing)
{
    return (lookout_cursor_bond_t){ .scope = listing->call->bond,
                                    .version = lookout_catalog_version(listing->catalog) };
}


lookout_code_e
lookout_listing_begin(lookout_listing_t *listing, lookout_call_t *call)
{
    lookout_str_t cursor;
    lookout_code_e code;

    *listing = (lookout_listing_t){ .call = call };

    code = lookout_session_catalog(call, &listing->catalog);
    if (code != LOOKOUT_OK) {
        return code;
    }

    listing->slice.limit = (uint32_t) lookout_arg_int(call, "pageSize", LOOKOUT_LIST_PAGE);

    cursor = lookout_arg_str(call, "cursor");
    if (cursor.data == NULL) {
        return LOOKOUT_OK;
    }

    return lookout_cursor_read(call->arena, &lookout_session_settings(call->session)->key,
                               listing_bond(listing), cursor, &listing->slice.offset,
                               &call->error);
}


void
lookout_listing_filters(const lookout_listing_t *listing, lookout_list_t *list)
{
    list->q = lookout_arg_str(listing->call, "q");
    list->name_contains = lookout_arg_str(listing->call, "nameContains");
}


void
lookout_listing_open(lookout_listing_t *listing)
{
    lookout_buf_t *b = listing->call->out;

    lookout_json_open(b, '{');
    lookout_json_key(b, "items");
    lookout_json_open(b, '[');
    listing->mark = b->len;
}


bool
lookout_listing_next(lookout_listing_t *listing, size_t *i)
{
    lookout_buf_t *b = listing->call->out;

    if (b->len > LOOKOUT_ENVELOPE_MAX - LOOKOUT_ENVELOPE_TAIL) {
        listing->written--;
        lookout_buf_cut(b, listing->mark);
        return false;
    }

    if (listing->written == listing->slice.n) {
        return false;
    }

    listing->mark = b->len;
    *i = listing->written++;
    return true;
}


lookout_code_e
lookout_listing_end(lookout_listing_t *listing)
{
    size_t dropped = listing->slice.n - listing->written;
    lookout_call_t *call = listing->call;
    lookout_buf_t *b = call->out;

    if (listing->written == 0 && dropped > 0) {
        return lookout_call_fail(
            call, LOOKOUT_ENVELOPE_TOO_LARGE,
            lookout_arena_printf(call->arena, "{\"maxBytes\":%d}", LOOKOUT_ENVELOPE_MAX),
            "The first item of this page alone is larger than the %d bytes "
            "that a response may have. Narrow the list so that it is not "
            "part of it; the operator should shorten its texts.",
            LOOKOUT_ENVELOPE_MAX);
    }

    lookout_json_close(b, ']');

    lookout_envelope_cursor(call, listing_bond(listing),
                            dropped > 0 || listing->slice.more
                                ? listing->slice.offset + (uint32_t) listing->written
                                : 0);

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');
    if (dropped > 0) {
        lookout_warn_truncated(b, listing->written, dropped,
                               "nextCursor goes on with the first of them.");
    }
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');

    call->rows = (int64_t) listing->written;
    return lookout_envelope_finish(call, "Ask for a smaller pageSize.");
}
