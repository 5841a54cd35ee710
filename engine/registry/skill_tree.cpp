#include "engine/registry/skill_tree.h"

#include "engine/base/quoted_name.h"
#include "engine/registry/text_diff.h"

#include <QFile>
#include <QStringDecoder>

#include <map>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// UTF-8 that a text editor would show.
bool isPlainText(const QByteArray &content)
{
    if (content.contains('\0'))
        return false;
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder.decode(content);
    return !decoder.hasError() && (decoded.isEmpty() || decoded[0].unicode() != 0xFEFF);
}

/// The cache is ours: a file that cannot be read there is our trouble.
Result<std::unique_ptr<QFile>> openInTree(const SkillTree &tree, const PackedFile &file)
{
    auto opened = std::make_unique<QFile>(tree.directory + u'/' + file.path);
    if (!opened->open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::StorageUnavailable,
                    u"the file %1 of the skill cannot be read"_s.arg(quotedName(file.path)),
                    opened->errorString());
    }
    return opened;
}

Result<QByteArray> readInTree(const SkillTree &tree, const PackedFile &file)
{
    const auto opened = openInTree(tree, file);
    if (!opened)
        return fail(opened.error());
    QByteArray content = (*opened)->read(file.size + 1);
    if (content.size() != file.size) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the file %1 of the skill is damaged"_s.arg(quotedName(file.path)),
                    u"%1 bytes instead of %2"_s.arg(content.size()).arg(file.size));
    }
    return content;
}

Result<SkillFile> shownFile(const SkillTree &tree, const PackedFile &file)
{
    auto content = readInTree(tree, file);
    if (!content)
        return fail(content.error());
    const bool isText = isPlainText(*content);
    return SkillFile{file.path, file.size, file.executable, std::move(*content), isText};
}

Result<bool> haveSameContent(const SkillTree &from, const PackedFile &before, const SkillTree &to,
                             const PackedFile &after)
{
    if (before.size != after.size)
        return false;
    const auto first = openInTree(from, before);
    if (!first)
        return fail(first.error());
    const auto second = openInTree(to, after);
    if (!second)
        return fail(second.error());
    constexpr qint64 pieceBytes = 256 * 1024;
    for (;;) {
        const QByteArray piece = (*first)->read(pieceBytes);
        if (piece != (*second)->read(pieceBytes))
            return false;
        if (piece.isEmpty())
            return true;
    }
}

/// As git writes names in a patch: in quotes where they hold a quote, with a tab behind a name with
/// a space on the lines that end with it. Other characters that would matter are not in any path.
QByteArray patchName(const QByteArray &prefix, const QString &path)
{
    QByteArray name = prefix + path.toUtf8();
    return name.contains('"') ? '"' + name.replace('"', "\\\"") + '"' : name;
}

QByteArray nameLine(const char *mark, const QByteArray &name)
{
    return mark + name + (name.contains(' ') && !name.startsWith('"') ? "\t\n" : "\n");
}

QByteArray modeText(const PackedFile &file)
{
    return file.executable ? "100755" : "100644";
}

/// The texts of one file before and after; null: it is not there.
class FilePatch
{
public:
    FilePatch(const SkillTree &from, const PackedFile *before, const SkillTree &to,
              const PackedFile *after)
        : m_from(from)
        , m_before(before)
        , m_to(to)
        , m_after(after)
    {
        m_diff.path = (before ? before : after)->path;
    }

    /// `left` is how much of the whole diff's bound is left.
    Result<FileDiff> make(qint64 left)
    {
        m_diff.change = !m_before ? FileChange::Added
            : !m_after            ? FileChange::Removed
                                  : FileChange::Modified;
        if (m_before && m_after) {
            const auto same = haveSameContent(m_from, *m_before, m_to, *m_after);
            if (!same)
                return fail(same.error());
            m_sameContent = *same;
            if (*same && m_before->executable == m_after->executable) {
                m_diff.change = FileChange::Unchanged;
                return m_diff;
            }
        }
        writeHead();
        if (!m_sameContent) {
            if (auto written = writeContent(left); !written)
                return fail(written.error());
        }
        return m_diff;
    }

private:
    QByteArray oldName() const { return patchName("a/", m_diff.path); }
    QByteArray newName() const { return patchName("b/", m_diff.path); }

    void writeHead()
    {
        m_diff.diff = "diff --git " + oldName() + ' ' + newName() + '\n';
        if (!m_before)
            m_diff.diff += "new file mode " + modeText(*m_after) + '\n';
        else if (!m_after)
            m_diff.diff += "deleted file mode " + modeText(*m_before) + '\n';
        else if (m_before->executable != m_after->executable)
            m_diff.diff += "old mode " + modeText(*m_before) + "\nnew mode " + modeText(*m_after)
                + '\n';
    }

    void writeDiffers()
    {
        m_diff.diff += "Binary files " + (m_before ? oldName() : QByteArray("/dev/null")) + " and "
            + (m_after ? newName() : QByteArray("/dev/null")) + " differ\n";
    }

    Result<void> writeContent(qint64 left)
    {
        QByteArray before;
        QByteArray after;
        for (const auto &[tree, file, content] :
             {std::tuple{&m_from, m_before, &before}, std::tuple{&m_to, m_after, &after}}) {
            if (!file)
                continue;
            if (file->size > maxComparedBytes) {
                m_diff.omitted = true;
                writeDiffers();
                return {};
            }
            auto read = readInTree(*tree, *file);
            if (!read)
                return fail(read.error());
            *content = std::move(*read);
        }
        if (!isPlainText(before) || !isPlainText(after)) {
            m_diff.binary = true;
            writeDiffers();
            return {};
        }
        const QByteArray hunks = unifiedHunks(before, after);
        if (hunks.size() > left) {
            m_diff.omitted = true;
            writeDiffers();
            return {};
        }
        if (!hunks.isEmpty()) {
            m_diff.diff += m_before ? nameLine("--- ", oldName()) : "--- /dev/null\n";
            m_diff.diff += m_after ? nameLine("+++ ", newName()) : "+++ /dev/null\n";
            m_diff.diff += hunks;
        }
        return {};
    }

    const SkillTree &m_from;
    const PackedFile *m_before;
    const SkillTree &m_to;
    const PackedFile *m_after;
    bool m_sameContent = false;
    FileDiff m_diff;
};

} // namespace

QLatin1StringView fileChangeName(FileChange change)
{
    switch (change) {
    case FileChange::Added: return "added"_L1;
    case FileChange::Removed: return "removed"_L1;
    case FileChange::Modified: return "modified"_L1;
    case FileChange::Unchanged: break;
    }
    return "unchanged"_L1;
}

Result<QList<SkillFile>> readSkillFiles(const SkillTree &tree)
{
    QList<SkillFile> files;
    qint64 left = maxShownBytes;
    for (const PackedFile &file : tree.files) {
        if (file.size > left) {
            files.append(SkillFile{.path = file.path,
                                   .size = file.size,
                                   .executable = file.executable,
                                   .content = {},
                                   .omitted = true});
            continue;
        }
        auto shown = shownFile(tree, file);
        if (!shown)
            return fail(shown.error());
        left -= file.size;
        files.append(std::move(*shown));
    }
    return files;
}

Result<SkillFile> readSkillFile(const SkillTree &tree, const QString &path)
{
    for (const PackedFile &file : tree.files) {
        if (file.path != path)
            continue;
        if (file.size > maxShownBytes) {
            return fail(ErrorCode::TooLarge,
                        u"the file %2 has %1 bytes, too many to show; download the archive"_s
                            .arg(file.size)
                            .arg(quotedName(path)));
        }
        return shownFile(tree, file);
    }
    return fail(ErrorCode::NotFound, u"the skill has no file %1"_s.arg(quotedName(path)));
}

Result<QList<FileDiff>> diffSkillTrees(const SkillTree &from, const SkillTree &to)
{
    std::map<QString, std::pair<const PackedFile *, const PackedFile *>> byPath;
    for (const PackedFile &file : from.files)
        byPath[file.path].first = &file;
    for (const PackedFile &file : to.files)
        byPath[file.path].second = &file;
    QList<FileDiff> diffs;
    qint64 left = maxDiffBytes;
    for (const auto &[path, files] : byPath) {
        auto diff = FilePatch(from, files.first, to, files.second).make(left);
        if (!diff)
            return fail(diff.error());
        left -= diff->diff.size();
        diffs.append(std::move(*diff));
    }
    return diffs;
}

} // namespace skillbox
