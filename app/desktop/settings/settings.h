#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QMap>
#include <QSettings>
#include <QString>

#include <memory>

namespace skillbox {

/// What the person chose and where the window was, kept between starts in the XDG configuration
/// directory. The only user of QSettings. GUI thread.
class Settings
{
public:
    /// `path` is an INI file; made with the first thing that is kept.
    explicit Settings(const QString &path);
    static QString usualPath();

    /// `system` follows the desktop's dark mode; else a theme's id.
    QString theme() const;
    void setTheme(const QString &id);
    QMap<QString, QString> shortcuts() const; ///< command id → portable key sequence
    void setShortcut(const QString &command, const QString &keys);
    void resetShortcut(const QString &command);
    QByteArray geometry() const;
    void setGeometry(const QByteArray &geometry);
    QString currentPage() const;
    void setCurrentPage(const QString &id);
    QJsonObject pageState(const QString &id) const;
    void setPageState(const QString &id, const QJsonObject &state);

private:
    std::unique_ptr<QSettings> m_store;
};

} // namespace skillbox
