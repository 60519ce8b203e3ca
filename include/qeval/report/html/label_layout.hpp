// Places for the names of points in a chart, so that no two lie over each other.
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
    explicit label_layout(box inside) : inside_(inside) {}

    void keep_clear(box b) { taken_.push_back(b); }

    // The nearest free box of this size around a point, now taken; nothing where all are occupied.
    [[nodiscard]] std::optional<box> place(double x, double y, double width, double height) {
        for (double const far : {9.0, 20.0, 34.0, 50.0}) {
            for (double const turn : {0.0, -45.0, 45.0, -90.0, 90.0, 180.0, -135.0, 135.0}) {
                double const dx = std::cos(turn * degree), dy = std::sin(turn * degree);
                double const cx = x + dx * (far + width / 2), cy = y + dy * (far + height / 2);
                box const    b{cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
                if (!free(b)) continue;
                taken_.push_back(b);
                return b;
            }
        }
        return std::nullopt;
    }

private:
    static constexpr double degree = 3.14159265358979323846 / 180;

    [[nodiscard]] bool free(box const& b) const {
        if (b.left < inside_.left || b.right > inside_.right || b.top < inside_.top || b.bottom > inside_.bottom)
            return false;
        return std::none_of(taken_.begin(), taken_.end(), [&](box const& t) {
            return b.left < t.right && t.left < b.right && b.top < t.bottom && t.top < b.bottom;
        });
    }

    box              inside_;
    std::vector<box> taken_;
};

} // namespace qeval::html
