/*
 * What a token says, held against what this server asks. For jwt.c, which has made sure that
 * the issuer said it.
 */

#ifndef LOOKOUT_JWT_CLAIMS_H
#define LOOKOUT_JWT_CLAIMS_H

#include "jwt.h"
#include "../base/json.h"

/* Fills in *refusal and returns false, so that a check can end with it. `message` is static, or
 * in the arena; NULL is taken for out of memory. */
bool lookout_jwt_refuse(lookout_jwt_refusal_t *refusal, lookout_jwt_reason_e reason,
                        const char *message);

/* The claims of a signed token, an object. As lookout_jwt_verify. */
bool lookout_jwt_claims_check(lookout_arena_t *arena, const cJSON *payload,
                              const lookout_jwt_rules_t *rules, lookout_jwt_claims_t *claims,
                              lookout_jwt_refusal_t *refusal);

#endif
