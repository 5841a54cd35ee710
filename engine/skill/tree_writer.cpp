#include "engine/skill/tree_writer.h"

#include "engine/skill/folder_names.h"
#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>

namespace skillbox {

using namespace Qt::StringLiterals;

namespace {

constexpr int openFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Best effort: this runs when something failed already. Depth is bounded by the archive limits,
/// as only our own folders are in there.
void removeContents(int folder)
{
    const auto names = namesIn(folder, ".");
    if (!names)
        return;
    for (const QByteArray &name : *names) {
        if (unlinkat(folder, name.constData(), 0) == 0)
            continue;
        const UniqueFd inner(openat(folder, name.constData(), openFolder));
        if (inner)
            removeContents(inner.get());
        unlinkat(folder, name.constData(), AT_REMOVEDIR);
    }
}

} // namespace

Result<TreeWriter> TreeWriter::create(const QString &directory)
{
    const QByteArray path = QFile::encodeName(directory);
    TreeWriter writer;
    const bool created = mkdir(path.constData(), 0755) == 0;
    if (!created && errno != EEXIST)
        return failedCall(u"cannot make the folder %1"_s.arg(quotedName(path)));
    writer.m_root.reset(::open(path.constData(), openFolder));
    if (!writer.m_root)
        return failedCall(u"cannot open the folder %1"_s.arg(quotedName(path)));
    if (!created) {
        const auto names = namesIn(writer.m_root.get(), path);
        if (!names || !names->isEmpty()) {
            writer.m_root.reset(); // not ours to empty
            return names
                ? fail(ErrorCode::Io, u"the folder %1 is not empty"_s.arg(quotedName(path)))
                : fail(names.error());
        }
    }
    if (created)
        writer.m_createdRoot = path;
    if (fchmod(writer.m_root.get(), 0755) != 0)
        return failedCall(u"cannot set the mode of the folder %1"_s.arg(quotedName(path)));
    return writer;
}

TreeWriter::~TreeWriter()
{
    if (!m_root)
        return;
    removeContents(m_root.get());
    if (!m_createdRoot.isEmpty())
        rmdir(m_createdRoot.constData());
}

Result<void> TreeWriter::beginFile(const QByteArray &path)
{
    m_filePath = path;
    UniqueFd folder;
    int parent = m_root.get();
    const QList<QByteArray> components = path.split('/');
    for (qsizetype i = 0; i + 1 < components.size(); ++i) {
        const char *name = components[i].constData();
        const bool created = mkdirat(parent, name, 0755) == 0;
        if (!created && errno != EEXIST)
            return failedCall(u"cannot make a folder for %1"_s.arg(quotedName(path)));
        UniqueFd next(openat(parent, name, openFolder));
        if (!next || (created && fchmod(next.get(), 0755) != 0))
            return failedCall(u"cannot make a folder for %1"_s.arg(quotedName(path)));
        folder = std::move(next);
        parent = folder.get();
    }
    m_file.reset(openat(parent, components.last().constData(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!m_file)
        return failedCall(u"cannot make the file %1"_s.arg(quotedName(path)));
    return {};
}

Result<void> TreeWriter::write(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t count = ::write(m_file.get(), bytes.data(),
                                      static_cast<size_t>(bytes.size()));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failedCall(u"cannot write the file %1"_s.arg(quotedName(m_filePath)));
        bytes = bytes.sliced(count);
    }
    return {};
}

Result<void> TreeWriter::endFile(bool executable)
{
    if (fchmod(m_file.get(), executable ? 0555 : 0444) != 0)
        return failedCall(u"cannot set the mode of the file %1"_s.arg(quotedName(m_filePath)));
    // close() is where a full disk or a network file system may speak up at last.
    if (::close(m_file.release()) != 0)
        return failedCall(u"cannot write the file %1"_s.arg(quotedName(m_filePath)));
    return {};
}

void TreeWriter::commit()
{
    m_root.reset();
}

} // namespace skillbox
