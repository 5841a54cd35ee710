#include "engine/sandbox/native/image_view.h"

#include <QByteArrayList>
#include <QFile>

#include <filesystem>

using namespace Qt::StringLiterals;

namespace skillbox {

bool isVisibleInImage(const QByteArray &topName)
{
    static const QByteArrayList ours = {"dev", "proc", "run", "sandbox", "sys", "tmp"};
    return !topName.isEmpty() && !ours.contains(topName);
}

Result<std::vector<protocol::RootEntry>> imageView(const QString &rootDirectory)
{
    namespace fs = std::filesystem;
    std::vector<protocol::RootEntry> view;
    std::error_code error;
    // Names are bytes, which a QString need not keep.
    fs::directory_iterator entries(QFile::encodeName(rootDirectory).toStdString(), error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (!isVisibleInImage(QByteArray::fromStdString(name)))
            continue;
        const fs::file_status status = entries->symlink_status(error);
        if (error)
            break;
        const std::string target = "/" + name;
        if (fs::is_symlink(status)) {
            view.push_back({protocol::RootEntry::Symlink, target,
                            fs::read_symlink(entries->path(), error).string()});
        } else if (fs::is_directory(status) || fs::is_regular_file(status)) {
            view.push_back({protocol::RootEntry::Bind, target, entries->path().string()});
        }
        if (error)
            break;
    }
    if (error) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the image's root file system cannot be read: %1"_s.arg(rootDirectory),
                    QString::fromStdString(error.message()));
    }
    return view;
}

} // namespace skillbox
