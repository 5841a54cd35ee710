#pragma once

#include <QByteArray>
#include <QFont>
#include <QJsonObject>
#include <QMap>
#include <QObject>
#include <QString>
#include <QVariant>

#include <memory>

class QSettings;

namespace skillbox {

/// What the person chose and where the window was, kept between starts in the XDG configuration
/// directory. The only user of QSettings. GUI thread.
class Settings : public QObject
{
    Q_OBJECT

public:
    /// `path` is an INI file; made with the first thing that is kept.
    explicit Settings(const QString &path, QObject *parent = nullptr);
    ~Settings() override;
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

    /// In per cent, 100 to 200. Read once when the program starts.
    int scale() const;
    void setScale(int percent);
    static constexpr int smallestScale = 100;
    static constexpr int largestScale = 200;
    /// Of source text; the system's fixed font until one is chosen.
    QFont codeFont() const;
    void setCodeFont(const QFont &font);
    /// Whether the local server is started with the program, and the port it tries first.
    bool serverWanted() const;
    void setServerWanted(bool wanted);
    int serverPort() const;
    void setServerPort(int port);
    static constexpr int usualServerPort = 8080;
    /// Whether the first steps were taken, or skipped.
    bool isWelcomed() const;
    void setWelcomed(bool welcomed);
    /// What was chosen in the palette, latest first.
    QStringList recentChoices() const;
    void setRecentChoices(const QStringList &choices);

    /// Anything else that a page wants kept: `editor/wrap`.
    QVariant value(const QString &key, const QVariant &fallback = {}) const;
    void setValue(const QString &key, const QVariant &value);

Q_SIGNALS:
    /// One of the values above became another: its key, `editor/font` or `theme`. Not for the
    /// window's own state.
    void changed(const QString &key);

private:
    void keep(const QString &key, const QVariant &value);
    bool keepQuietly(const QString &key, const QVariant &value);

    std::unique_ptr<QSettings> m_store;
};

} // namespace skillbox
