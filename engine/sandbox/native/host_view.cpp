#include "engine/sandbox/native/host_view.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace skillbox {
namespace {

using protocol::RootEntry;

void bindIfThere(std::vector<RootEntry> &view, const char *path)
{
    if (QFileInfo::exists(QString::fromLatin1(path)))
        view.push_back({RootEntry::Bind, path, path});
}

/// /bin, /lib … are links into /usr on a merged-usr system, real folders elsewhere.
void addTopFolder(std::vector<RootEntry> &view, const char *path)
{
    const QFileInfo info(QString::fromLatin1(path));
    if (info.isSymLink()) {
        const QString target = QFile::symLinkTarget(QString::fromLatin1(path));
        view.push_back({RootEntry::Symlink, path, QFile::encodeName(target).toStdString()});
    } else if (info.isDir()) {
        bindIfThere(view, path);
    }
}

bool isLocal(const Interpreter &interpreter)
{
    return interpreter.program.startsWith(QLatin1StringView("/usr/local/"));
}

} // namespace

std::vector<RootEntry> hostView(const QList<Interpreter> &interpreters, Observation observation)
{
    std::vector<RootEntry> view;
    // Programs, libraries and their data; not /usr/src, /usr/include, /usr/games or /usr/local.
    for (const char *path : {"/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share"})
        bindIfThere(view, path);
    if (std::any_of(interpreters.begin(), interpreters.end(), isLocal)) {
        bindIfThere(view, "/usr/local/bin");
        bindIfThere(view, "/usr/local/lib");
    }
    for (const char *path : {"/bin", "/lib", "/lib32", "/lib64"})
        addTopFolder(view, path);

    bindIfThere(view, "/etc/ld.so.cache");  // where libraries are; without it start-up is slower
    bindIfThere(view, "/etc/alternatives"); // numpy's linear algebra is a link through it
    view.push_back({RootEntry::File, "/etc/passwd",
                    "root:x:0:0:root:/:/usr/sbin/nologin\n"
                    "sandbox:x:65534:65534:sandbox:/tmp:/bin/sh\n"});
    view.push_back({RootEntry::File, "/etc/group", "root:x:0:\nsandbox:x:65534:\n"});
    view.push_back({RootEntry::File, "/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"});
    // Looking up a name needs a network, so it fails at once. Only where it is to be seen that a
    // script tries, it comes as far as the socket that it does not get.
    const std::string hosts = observation == Observation::RefusedCalls ? "files dns" : "files";
    view.push_back({RootEntry::File, "/etc/nsswitch.conf",
                    "passwd: files\ngroup: files\nhosts: " + hosts + '\n'});
    return view;
}

} // namespace skillbox
