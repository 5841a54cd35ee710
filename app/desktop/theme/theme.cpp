#include "app/desktop/theme/theme.h"

#include <QFile>
#include <QFontDatabase>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct RoleName {
    ColorRole role;
    QLatin1StringView name;
};

constexpr RoleName roleNames[] = {
    {ColorRole::Window, "window"_L1},
    {ColorRole::Surface, "surface"_L1},
    {ColorRole::Raised, "raised"_L1},
    {ColorRole::Sunken, "sunken"_L1},
    {ColorRole::Border, "border"_L1},
    {ColorRole::BorderStrong, "borderStrong"_L1},
    {ColorRole::Text, "text"_L1},
    {ColorRole::Muted, "muted"_L1},
    {ColorRole::Disabled, "disabled"_L1},
    {ColorRole::Accent, "accent"_L1},
    {ColorRole::AccentHover, "accentHover"_L1},
    {ColorRole::AccentPressed, "accentPressed"_L1},
    {ColorRole::OnAccent, "onAccent"_L1},
    {ColorRole::Selection, "selection"_L1},
    {ColorRole::OnSelection, "onSelection"_L1},
    {ColorRole::Hover, "hover"_L1},
    {ColorRole::Focus, "focus"_L1},
    {ColorRole::Success, "success"_L1},
    {ColorRole::SuccessSurface, "successSurface"_L1},
    {ColorRole::Warning, "warning"_L1},
    {ColorRole::WarningSurface, "warningSurface"_L1},
    {ColorRole::Error, "error"_L1},
    {ColorRole::ErrorSurface, "errorSurface"_L1},
    {ColorRole::Info, "info"_L1},
    {ColorRole::InfoSurface, "infoSurface"_L1},
    {ColorRole::Bar, "bar"_L1},
    {ColorRole::OnBar, "onBar"_L1},
    {ColorRole::OnBarActive, "onBarActive"_L1},
    {ColorRole::BarActive, "barActive"_L1},
    {ColorRole::Shadow, "shadow"_L1},
};

} // namespace

QStringList Theme::ids()
{
    return {u"light"_s, u"dark"_s, u"high-contrast"_s};
}

Result<Theme> Theme::load(const QString &id)
{
    QFile file(u":/themes/"_s + id + u".json"_s);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotFound, u"there is no theme \"%1\""_s.arg(id));
    const QJsonObject values = QJsonDocument::fromJson(file.readAll()).object();
    Theme theme;
    theme.m_id = id;
    theme.m_name = values.value("name"_L1).toString(id);
    theme.m_dark = values.value("dark"_L1).toBool();
    theme.m_codeFont = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    theme.m_syntaxTheme = values.value("syntax"_L1).toString();
    for (const RoleName &entry : roleNames) {
        const QColor color(values.value(entry.name).toString());
        if (!color.isValid()) {
            return fail(ErrorCode::BadRequest,
                        u"the theme \"%1\" has no colour \"%2\""_s.arg(id, entry.name));
        }
        theme.m_colors.insert(entry.role, color);
    }
    return theme;
}

QPalette Theme::palette() const
{
    QPalette palette;
    const auto set = [&](QPalette::ColorRole target, ColorRole source) {
        palette.setColor(target, color(source));
    };
    set(QPalette::Window, ColorRole::Window);
    set(QPalette::WindowText, ColorRole::Text);
    set(QPalette::Base, ColorRole::Surface);
    set(QPalette::AlternateBase, ColorRole::Sunken);
    set(QPalette::Text, ColorRole::Text);
    set(QPalette::PlaceholderText, ColorRole::Muted);
    set(QPalette::Button, ColorRole::Raised);
    set(QPalette::ButtonText, ColorRole::Text);
    set(QPalette::ToolTipBase, ColorRole::Raised);
    set(QPalette::ToolTipText, ColorRole::Text);
    set(QPalette::Highlight, ColorRole::Selection);
    set(QPalette::HighlightedText, ColorRole::OnSelection);
    set(QPalette::Link, ColorRole::Accent);
    set(QPalette::LinkVisited, ColorRole::Accent);
    set(QPalette::Mid, ColorRole::Border);
    set(QPalette::Dark, ColorRole::BorderStrong);
    set(QPalette::Shadow, ColorRole::Shadow);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color(ColorRole::Disabled));
    return palette;
}

QString Theme::styleSheet() const
{
    QFile file(u":/themes/style.qss"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    for (const RoleName &entry : roleNames) {
        sheet.replace(u'@' + entry.name + u'@',
                      color(entry.role).name(QColor::HexArgb));
    }
    // Style sheets cannot colour an image: each theme has its own arrows.
    sheet.replace("@theme@"_L1, m_id);
    sheet.replace("@codeFamily@"_L1, u'"' + QString(m_codeFont.family()).remove(u'"') + u'"');
    return sheet;
}

} // namespace skillbox
