#include "app/cli/lint_run.h"

#include "engine/engine_config.h"
#include "engine/skill/archive.h"

#include <QFileInfo>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<LintReport> lintArchive(const QString &path, const LintOptions &options,
                               const ArchiveLimits &limits)
{
    const QTemporaryDir scratch;
    if (!scratch.isValid()) {
        return fail(ErrorCode::Io,
                    u"cannot make a temporary folder to unpack '%1': %2"_s.arg(
                        path, scratch.errorString()));
    }
    const QString directory = scratch.filePath(u"skill"_s);
    const Result<SkillContent> content = unpackArchive(path, directory, limits);
    if (!content)
        return fail(content.error());
    return lintSkill(directory, options);
}

} // namespace

Result<LintedSkill> lintPath(CliContext &context, const QString &path, LintOptions options)
{
    const QFileInfo info(path);
    if (!info.exists())
        return fail(ErrorCode::NotFound, u"there is no file or folder '%1'"_s.arg(path));
    if (info.isDir())
        return LintedSkill{path, lintSkill(path, options)};
    // Somebody who names the SKILL.md means the skill.
    if (info.fileName().compare(u"SKILL.md", Qt::CaseInsensitive) == 0)
        return LintedSkill{info.path(), lintSkill(info.path(), options)};
    const Result<EngineConfig> config = context.engineConfig();
    if (!config)
        return fail(config.error());
    options.folderName = FolderName::Arbitrary;
    Result<LintReport> report = lintArchive(path, options, config->archiveLimits);
    if (!report) {
        Error error = report.error();
        if (!error.message.contains(path))
            error.message = u"'%1': "_s.arg(path) + error.message;
        return fail(error);
    }
    return LintedSkill{path, std::move(*report)};
}

} // namespace skillbox
