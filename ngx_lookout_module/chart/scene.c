/*
 * A list that grows at its end.
 */

#include "scene.h"


lookout_mark_t *
lookout_scene_add(lookout_scene_t *scene, lookout_mark_e kind, lookout_color_t color)
{
    static _Thread_local lookout_mark_t unseen;
    lookout_mark_t *mark = lookout_arena_alloc(scene->arena, sizeof(*mark));

    if (mark == NULL) {
        scene->failed = true;
        unseen = (lookout_mark_t){ .kind = kind };
        return &unseen;
    }
    mark->kind = kind;
    mark->color = color;
    mark->opacity = 1;
    if (scene->last == NULL) {
        scene->first = mark;
    } else {
        scene->last->next = mark;
    }
    scene->last = mark;
    scene->n++;
    return mark;
}


lookout_mark_t *
lookout_scene_rect(lookout_scene_t *scene, lookout_rect_t box, lookout_color_t color)
{
    lookout_mark_t *mark = lookout_scene_add(scene, LOOKOUT_RECT, color);

    mark->u.rect.box = box;
    return mark;
}


lookout_mark_t *
lookout_scene_line(lookout_scene_t *scene, double x1, double y1, double x2, double y2,
                   double width, lookout_color_t color)
{
    lookout_mark_t *mark = lookout_scene_add(scene, LOOKOUT_LINE, color);

    mark->u.line.from = (lookout_point_t){ x1, y1 };
    mark->u.line.to = (lookout_point_t){ x2, y2 };
    mark->u.line.width = width;
    return mark;
}


lookout_point_t *
lookout_scene_points(lookout_scene_t *scene, size_t n)
{
    lookout_point_t *points = lookout_arena_alloc(scene->arena, (n + 1) * sizeof(*points));

    scene->failed = scene->failed || points == NULL;
    return points;
}
