/*
 * The picture of a view: its rows, drawn into a file of its render job.
 */

#ifndef LOOKOUT_PICTURES_H
#define LOOKOUT_PICTURES_H

#include "view_job.h"

/* The work of a render job. Errors: those of lookout_run_failed, lookout_chart_create and
 * lookout_chart_render. */
lookout_code_e lookout_picture_draw(lookout_view_job_t *vj);

#endif
