/*
 * Who calls, and whether it may: see ngx_lookout_access.c.
 */

#ifndef NGX_LOOKOUT_ACCESS_H
#define NGX_LOOKOUT_ACCESS_H

#include "ngx_lookout_module.h"

/* Who calls, found out when first asked; NULL without memory. Event loop, any phase after the
 * location is found. */
ngx_lookout_who_t *ngx_lookout_who(ngx_http_request_t *r);

#endif
