#include "engine/skill/archive.h"

#include "engine/skill/digest.h"
#include "engine/skill/tree_reader.h"
#include "engine/skill/tree_writer.h"

namespace skillbox {

QStringList SkillContent::paths() const
{
    QStringList paths;
    for (const PackedFile &file : files)
        paths.append(file.path);
    return paths;
}

qint64 SkillContent::totalBytes() const
{
    qint64 total = 0;
    for (const PackedFile &file : files)
        total += file.size;
    return total;
}

Result<SkillContent> copyTree(const QString &source, const QString &directory,
                              const ArchiveLimits &limits)
{
    const auto reader = TreeReader::open(source, limits);
    if (!reader)
        return fail(reader.error());
    if (const auto present = reader->requireManifest(); !present)
        return fail(present.error());
    auto writer = TreeWriter::create(directory);
    if (!writer)
        return fail(writer.error());
    SkillContent content;
    for (const TreeFile &file : reader->files()) {
        if (const auto begun = writer->beginFile(file.path); !begun)
            return fail(begun.error());
        auto copied = reader->read(file,
                                   [&](QByteArrayView bytes) { return writer->write(bytes); });
        if (!copied)
            return fail(copied.error());
        if (const auto ended = writer->endFile(file.executable); !ended)
            return fail(ended.error());
        content.files.append(std::move(*copied));
    }
    content.digest = treeDigest(content.files);
    writer->commit();
    return content;
}

Result<SkillContent> describeDirectory(const QString &directory, const ArchiveLimits &limits)
{
    const auto reader = TreeReader::open(directory, limits);
    if (!reader)
        return fail(reader.error());
    SkillContent content;
    for (const TreeFile &file : reader->files()) {
        auto described = reader->read(file, [](QByteArrayView) { return Result<void>(); });
        if (!described)
            return fail(described.error());
        content.files.append(std::move(*described));
    }
    content.digest = treeDigest(content.files);
    return content;
}

} // namespace skillbox
