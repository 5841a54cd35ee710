#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/image_audit.h"
#include "app/cli/image_json.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/progress_line.h"
#include "engine/engine.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ImportOptions {
    std::string path;
    std::string name;
};

QString progressLabel(const QString &path, const ImageProgress &progress)
{
    const QString file = QFileInfo(path).fileName();
    if (progress.layer == 0)
        return u"Reading %1"_s.arg(file);
    const QString unpacked = humanBytes(progress.bytes);
    return progress.layers == 1 ? u"Unpacking %1: %2"_s.arg(file, unpacked)
                                : u"Unpacking %1: layer %2 of %3, %4"_s.arg(file)
                                      .arg(progress.layer)
                                      .arg(progress.layers)
                                      .arg(unpacked);
}

Result<ImportedImage> importWithProgress(CliContext &context, ImageStore &images,
                                         const ImportOptions &options)
{
    const QString path = toText(options.path);
    std::stop_source stop;
    const InterruptGuard interrupt([&stop] { stop.request_stop(); });
    ProgressLine line(context.err());
    return images.import(
        {.path = QFileInfo(path).absoluteFilePath(),
         .name = toText(options.name),
         .progress =
             [&](const ImageProgress &progress) { line.setLabel(progressLabel(path, progress)); },
         .stop = stop.get_token()});
}

void printImported(CliContext &context, const ImportedImage &imported)
{
    const ImageRecord &image = imported.record;
    Terminal &out = context.out();
    const QString name = out.painted(Paint::Bold, image.name);
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' '
                  + (imported.unpacked
                         ? u"Imported %1  %2"_s.arg(name, humanBytes(image.sizeBytes))
                         : u"%1 was imported already, with the same content"_s.arg(name)));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, image.digest));
}

ExitCode import(CliContext &context, const ImportOptions &options)
{
    if (!QFileInfo::exists(toText(options.path))) {
        return context.reportError(
            {ErrorCode::NotFound, u"there is no file or folder '%1'"_s.arg(toText(options.path))});
    }
    const Result<Engine *> engine = context.engine();
    if (!engine)
        return context.reportError(engine.error());
    const Result<ImportedImage> imported = importWithProgress(context, (*engine)->images(),
                                                              options);
    if (!imported)
        return context.reportError(imported.error());

    const ImageRecord &image = imported->record;
    if (const Result<void> noted = noteImageChange(**engine, u"image.import"_s, image.name,
                                                   {{u"digest"_s, image.digest}});
        !noted)
        return context.reportError(noted.error());
    if (imported->leftOut > 0) {
        const int more = imported->leftOut - static_cast<int>(imported->leftOutNames.size());
        context.note(u"left out %1, which a run does not need: %2%3"_s.arg(
            counted(imported->leftOut, u"device, pipe or socket"_s, u"devices, pipes or sockets"_s),
            imported->leftOutNames.join(u", "_s),
            more > 0 ? u" and %1 more"_s.arg(more) : QString()));
    }
    if (!(*engine)->config().limits.imageAllowlist.contains(image.name)) {
        context.note(u"skills may not use \"%1\" yet: it is not in SKILLBOX_IMAGE_ALLOWLIST"_s.arg(
            image.name));
    }
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject();
        writeImageMembers(json, image);
        json.member(u"unpacked"_s, imported->unpacked)
            .member(u"left_out"_s, qint64{imported->leftOut})
            .endObject();
        return context.printJson(json.bytes());
    }
    printImported(context, *imported);
    return ExitCode::Success;
}

} // namespace

void registerImageImport(CLI::App &image, CliContext &context)
{
    CLI::App *command = addCommand(
        image, context,
        {"import", "Unpack an image so that skills can run on it",
         "Takes an OCI image layout (a folder or a tar), an archive of `docker save`, or a tar of "
         "a "
         "root file system; compressed with gzip or zstd, or not. Nothing is downloaded and no "
         "daemon is needed. The name may have meant another image before.\n"
         "\n"
         "A skill names the image in SKILL.md; the name has to be in SKILLBOX_IMAGE_ALLOWLIST. "
         "Importing python:3.12-slim or another of the default names replaces this machine's "
         "interpreter for the skills that use it.",
         "skillbox image import python.tar                      # from docker save, with its name\n"
         "skillbox image import ./layout --name tools:1         # from skopeo copy ... oci:layout\n"
         "skillbox image import debian.tar.gz --name debian:12  # a root file system"});
    const auto options = std::make_shared<ImportOptions>();
    addArgument(*command, "PATH", options->path, "The image's file or folder",
                value::fileOrDirectory);
    addOption(*command, "--name", options->name,
              "What to call it (default: the name in the archive); chooses among several",
              value::image);
    onChosen(*command, context, [options, &context] { return import(context, *options); });
}

} // namespace skillbox
