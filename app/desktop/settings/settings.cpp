#include "app/desktop/settings/settings.h"

#include <QFontDatabase>
#include <QJsonDocument>
#include <QSettings>
#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace skillbox {

Settings::Settings(const QString &path, QObject *parent)
    : QObject(parent)
    , m_store(std::make_unique<QSettings>(path, QSettings::IniFormat))
{
}

Settings::~Settings() = default;

QString Settings::usualPath()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
        + u"/skillbox/desktop.ini"_s;
}

QString Settings::theme() const
{
    return m_store->value("theme"_L1, u"system"_s).toString();
}

void Settings::setTheme(const QString &id)
{
    keep(u"theme"_s, id);
}

QMap<QString, QString> Settings::shortcuts() const
{
    QMap<QString, QString> all;
    m_store->beginGroup("shortcuts"_L1);
    for (const QString &command : m_store->childKeys())
        all.insert(command, m_store->value(command).toString());
    m_store->endGroup();
    return all;
}

void Settings::setShortcut(const QString &command, const QString &keys)
{
    m_store->setValue(u"shortcuts/"_s + command, keys);
}

void Settings::resetShortcut(const QString &command)
{
    m_store->remove(u"shortcuts/"_s + command);
}

QByteArray Settings::geometry() const
{
    return m_store->value("window/geometry"_L1).toByteArray();
}

void Settings::setGeometry(const QByteArray &geometry)
{
    keepQuietly(u"window/geometry"_s, geometry);
}

QString Settings::currentPage() const
{
    return m_store->value("window/page"_L1).toString();
}

void Settings::setCurrentPage(const QString &id)
{
    keepQuietly(u"window/page"_s, id);
}

QJsonObject Settings::pageState(const QString &id) const
{
    return QJsonDocument::fromJson(m_store->value(u"pages/"_s + id).toByteArray()).object();
}

void Settings::setPageState(const QString &id, const QJsonObject &state)
{
    keepQuietly(u"pages/"_s + id, QJsonDocument(state).toJson(QJsonDocument::Compact));
}

int Settings::scale() const
{
    return qBound(smallestScale, m_store->value("window/scale"_L1, smallestScale).toInt(),
                  largestScale);
}

void Settings::setScale(int percent)
{
    keep(u"window/scale"_s, qBound(smallestScale, percent, largestScale));
}

QFont Settings::codeFont() const
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const QString family = m_store->value("editor/fontFamily"_L1).toString();
    const double size = m_store->value("editor/fontSize"_L1).toDouble();
    if (!family.isEmpty())
        font.setFamily(family);
    if (size >= 6 && size <= 72)
        font.setPointSizeF(size);
    font.setStyleHint(QFont::Monospace);
    return font;
}

void Settings::setCodeFont(const QFont &font)
{
    m_store->setValue("editor/fontFamily"_L1, font.family());
    m_store->setValue("editor/fontSize"_L1, font.pointSizeF());
    Q_EMIT changed(u"editor/font"_s);
}

bool Settings::serverWanted() const
{
    return m_store->value("server/start"_L1, true).toBool();
}

void Settings::setServerWanted(bool wanted)
{
    keep(u"server/start"_s, wanted);
}

int Settings::serverPort() const
{
    return qBound(0, m_store->value("server/port"_L1, usualServerPort).toInt(), 65535);
}

void Settings::setServerPort(int port)
{
    keep(u"server/port"_s, port);
}

bool Settings::isWelcomed() const
{
    return m_store->value("welcome/done"_L1).toBool();
}

void Settings::setWelcomed(bool welcomed)
{
    keep(u"welcome/done"_s, welcomed);
}

QStringList Settings::recentChoices() const
{
    return m_store->value("palette/recent"_L1).toStringList();
}

void Settings::setRecentChoices(const QStringList &choices)
{
    m_store->setValue("palette/recent"_L1, choices);
}

QVariant Settings::value(const QString &key, const QVariant &fallback) const
{
    return m_store->value(key, fallback);
}

void Settings::setValue(const QString &key, const QVariant &value)
{
    keep(key, value);
}

void Settings::keep(const QString &key, const QVariant &value)
{
    if (keepQuietly(key, value))
        Q_EMIT changed(key);
}

/// True: it is another value than before. What is the same is not written again.
bool Settings::keepQuietly(const QString &key, const QVariant &value)
{
    if (m_store->contains(key) && m_store->value(key) == value)
        return false;
    m_store->setValue(key, value);
    return true;
}

} // namespace skillbox
