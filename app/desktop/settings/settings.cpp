#include "app/desktop/settings/settings.h"

#include <QDir>
#include <QJsonDocument>
#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace skillbox {

Settings::Settings(const QString &path)
    : m_store(std::make_unique<QSettings>(path, QSettings::IniFormat))
{
}

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
    m_store->setValue("theme"_L1, id);
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
    m_store->setValue("window/geometry"_L1, geometry);
}

QString Settings::currentPage() const
{
    return m_store->value("window/page"_L1).toString();
}

void Settings::setCurrentPage(const QString &id)
{
    m_store->setValue("window/page"_L1, id);
}

QJsonObject Settings::pageState(const QString &id) const
{
    return QJsonDocument::fromJson(m_store->value(u"pages/"_s + id).toByteArray()).object();
}

void Settings::setPageState(const QString &id, const QJsonObject &state)
{
    m_store->setValue(u"pages/"_s + id, QJsonDocument(state).toJson(QJsonDocument::Compact));
}

} // namespace skillbox
