#pragma once

#include "app/desktop/theme/theme.h"

#include <QIcon>

namespace skillbox {

/// An icon of resources/icons in a role's colour, drawn from its SVG at the size and scale asked
/// for; `active` is its colour when its button is checked. GUI thread.
QIcon themedIcon(const QString &name, const Theme &theme, ColorRole role = ColorRole::Text,
                 ColorRole active = ColorRole::Text);

} // namespace skillbox
