#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

namespace skillbox {

/// Tells when the embedded store of a data directory was written to, by whatever process: the store
/// itself cannot say so, but its write-ahead log grows. Costs nothing while nothing happens. GUI
/// thread.
class StoreFileWatch : public QObject
{
    Q_OBJECT

public:
    explicit StoreFileWatch(QObject *parent = nullptr);
    /// Empty: watches nothing.
    void watch(const QString &dataDirectory);

Q_SIGNALS:
    /// Several writes soon after one another count as one.
    void written();

private:
    void watchLogs();

    QString m_directory;
    QFileSystemWatcher m_watcher;
    QTimer m_pause;
};

} // namespace skillbox
