// Places for the names of points in a chart, so that no name lies over another one, a dot or a line.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace qeval::html {

class label_layout {
public:
    struct box {
        double left = 0, top = 0, right = 0, bottom = 0;
    };
    struct segment {
        double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    };
    struct label {
        box                    where;
        std::optional<segment> leader{}; // from the point, where the name is not beside it
    };
    explicit label_layout(box inside) : inside_(inside) {}

    void keep_clear(box b) { taken_.push_back(b); }
    void keep_clear(segment s) { lines_.push_back(s); }

    // The nearest free place for a name of this size around a point, now taken; nothing where all are occupied.
    [[nodiscard]] std::optional<label> place(double x, double y, double width, double height) {
        for (double const far : {9.0, 20.0, 34.0, 50.0, 70.0, 95.0}) {
            for (double const turn : {0.0, -45.0, 45.0, -90.0, 90.0, 180.0, -135.0, 135.0}) {
                double const dx = std::cos(turn * degree), dy = std::sin(turn * degree);
                double const cx = x + dx * (far + width / 2), cy = y + dy * (far + height / 2);
                label        l{{cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2}};
                double const nx = std::clamp(x, l.where.left, l.where.right),
                             ny = std::clamp(y, l.where.top, l.where.bottom);
                if (std::hypot(nx - x, ny - y) > beside) l.leader = {x, y, nx, ny};
                if (!is_free(l)) continue;
                taken_.push_back(l.where);
                names_.push_back(l.where);
                if (l.leader) lines_.push_back(*l.leader);
                return l;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] static bool crosses(segment const& s, box const& b) { // Liang and Barsky, 1984
        double     from = 0, to = 1;
        auto const clip = [&](double run, double room) { // of from..to stays what is on this side of an edge
            if (run == 0) return room > 0;
            (run < 0 ? from : to) = run < 0 ? std::max(from, room / run) : std::min(to, room / run);
            return from < to;
        };
        double const dx = s.x2 - s.x1, dy = s.y2 - s.y1;
        return clip(-dx, s.x1 - b.left) && clip(dx, b.right - s.x1) && clip(-dy, s.y1 - b.top) &&
               clip(dy, b.bottom - s.y1);
    }
    [[nodiscard]] static bool overlap(box const& a, box const& b) {
        return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    }

private:
    static constexpr double degree = 3.14159265358979323846 / 180;
    static constexpr double beside = 15; // so near, a name needs no line to its point
    static constexpr double stroke = 1;  // half the width of a line, at least

    [[nodiscard]] bool is_free(label const& l) const {
        box const& b = l.where;
        if (b.left < inside_.left || b.right > inside_.right || b.top < inside_.top || b.bottom > inside_.bottom)
            return false;
        box const wide{b.left - stroke, b.top - stroke, b.right + stroke, b.bottom + stroke};
        return std::ranges::none_of(taken_, [&](box const& t) { return overlap(b, t); }) &&
               std::ranges::none_of(lines_, [&](segment const& s) { return crosses(s, wide); }) &&
               (!l.leader || std::ranges::none_of(names_, [&](box const& t) { return crosses(*l.leader, t); }));
    }

    box                  inside_;
    std::vector<box>     taken_, names_;
    std::vector<segment> lines_;
};

} // namespace qeval::html
