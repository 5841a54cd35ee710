#include "tests/sandbox/leftovers.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool isZombie(pid_t pid)
{
    const QByteArray stat = contentOf(u"/proc/%1/stat"_s.arg(pid));
    const qsizetype afterName = stat.lastIndexOf(')');
    return afterName < 0 || stat.mid(afterName + 2, 1) == "Z";
}

} // namespace

void adoptOrphans()
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

QSet<pid_t> livingDescendants(pid_t of)
{
    QSet<pid_t> living;
    QList<pid_t> open{of};
    while (!open.isEmpty()) {
        const QString tasks = u"/proc/%1/task"_s.arg(open.takeFirst());
        for (const QString &task : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            for (const QByteArray &word :
                 contentOf(tasks + u'/' + task + u"/children"_s).simplified().split(' ')) {
                const pid_t pid = word.toInt();
                if (pid > 0 && !isZombie(pid)) {
                    living.insert(pid);
                    open.append(pid);
                }
            }
        }
    }
    return living;
}

QStringList controlGroupsOf(const QSet<pid_t> &launchers)
{
    QStringList found;
    QDirIterator folders(u"/sys/fs/cgroup"_s, {u"skillbox.*"_s}, QDir::Dirs,
                         QDirIterator::Subdirectories);
    while (folders.hasNext()) {
        folders.next();
        if (launchers.contains(folders.fileName().section(u'.', 1, 1).toInt()))
            found.append(folders.filePath());
    }
    return found;
}

int mountCount()
{
    return static_cast<int>(contentOf(u"/proc/self/mountinfo"_s).count('\n'));
}

int descriptorCount()
{
    // One of them is the listing's own, each time.
    return static_cast<int>(QDir(u"/proc/self/fd"_s)
                                .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)
                                .size());
}
