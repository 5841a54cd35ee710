#include "app/desktop/session/store_file_watch.h"

#include <QDir>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// A busy server writes hundreds of times a second; nobody looks at a list that often.
constexpr auto leastBetweenSignals = 250ms;

} // namespace

StoreFileWatch::StoreFileWatch(QObject *parent) : QObject(parent)
{
    m_pause.setSingleShot(true);
    m_pause.setInterval(leastBetweenSignals);
    const auto announce = [this] {
        if (!m_pause.isActive())
            m_pause.start();
    };
    connect(&m_pause, &QTimer::timeout, this, &StoreFileWatch::written);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, [this, announce] {
        watchLogs();
        announce();
    });
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, [this] { watchLogs(); });
}

void StoreFileWatch::watch(const QString &dataDirectory)
{
    if (dataDirectory == m_directory)
        return;
    const QStringList old = m_watcher.files() + m_watcher.directories();
    if (!old.isEmpty())
        m_watcher.removePaths(old);
    m_directory = dataDirectory;
    if (m_directory.isEmpty())
        return;
    m_watcher.addPath(m_directory);
    watchLogs();
}

/// SQLite removes its log with the last connection and makes a new one with the first.
void StoreFileWatch::watchLogs()
{
    const QDir directory(m_directory);
    const QStringList watched = m_watcher.files();
    for (const QString &name : directory.entryList({u"*.db-wal"_s}, QDir::Files)) {
        const QString path = directory.filePath(name);
        if (!watched.contains(path))
            m_watcher.addPath(path);
    }
}

} // namespace skillbox
