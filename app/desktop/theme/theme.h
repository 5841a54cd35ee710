#pragma once

#include "engine/base/result.h"

#include <QColor>
#include <QFont>
#include <QMap>
#include <QPalette>
#include <QString>

namespace skillbox {

/// The named colours of resources/themes/*.json. A role says what a colour is for, never what it
/// looks like.
enum class ColorRole {
    Window, Surface, Raised, Sunken, Border, BorderStrong, Text, Muted, Disabled,
    Accent, AccentHover, AccentPressed, OnAccent, Selection, OnSelection, Hover, Focus,
    Success, SuccessSurface, Warning, WarningSurface, Error, ErrorSurface, Info, InfoSurface,
    Bar, OnBar, OnBarActive, BarActive, Shadow,
};

/// A set of colours and what follows from it: the palette, the style sheet, the syntax theme. A
/// value; every role has a colour.
class Theme
{
public:
    /// Reads `:/themes/<id>.json`. An error names the first role that is missing or no colour.
    static Result<Theme> load(const QString &id);
    /// `light`, `dark`, `high-contrast`.
    static QStringList ids();

    const QString &id() const { return m_id; }
    const QString &name() const { return m_name; }
    bool isDark() const { return m_dark; }
    QColor color(ColorRole role) const { return m_colors.value(role); }
    /// The theme of KSyntaxHighlighting that goes with it.
    const QString &syntaxTheme() const { return m_syntaxTheme; }
    /// What source text is set in; the person chooses it in the settings.
    const QFont &codeFont() const { return m_codeFont; }
    void setCodeFont(const QFont &font) { m_codeFont = font; }
    QPalette palette() const;
    /// `:/themes/style.qss` with `@role@` replaced.
    QString styleSheet() const;

private:
    QString m_id;
    QString m_name;
    bool m_dark = false;
    QString m_syntaxTheme;
    QFont m_codeFont;
    QMap<ColorRole, QColor> m_colors;
};

} // namespace skillbox
