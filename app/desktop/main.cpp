#include "app/desktop/desktop.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStyleFactory>

using namespace Qt::StringLiterals;

namespace {

/// Qt reads the scale once, when the application is made; one that is in the environment wins.
void applyScale()
{
    const int percent = skillbox::Settings(skillbox::Settings::usualPath()).scale();
    if (percent != skillbox::Settings::smallestScale
        && !qEnvironmentVariableIsSet("QT_SCALE_FACTOR"))
        qputenv("QT_SCALE_FACTOR", QByteArray::number(percent / 100.0));
}

int run(QApplication &app)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"The Skillbox desktop: catalog, editor, run console and artifacts of skills."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"folder"_s, u"A skill folder to open in the editor."_s,
                                 u"[folder]"_s);
    parser.process(app);

    skillbox::Desktop desktop(QProcessEnvironment::systemEnvironment(),
                              QApplication::applicationDirPath());
    desktop.start();
    if (!parser.positionalArguments().isEmpty())
        desktop.open(parser.positionalArguments().constFirst());
    return QApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    const bool scaleWasGiven = qEnvironmentVariableIsSet("QT_SCALE_FACTOR");
    applyScale();
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication app(argc, argv);
    QApplication::setApplicationName(u"skillbox-desktop"_s);
    QApplication::setApplicationDisplayName(u"Skillbox"_s);
    QApplication::setApplicationVersion(QStringLiteral(SKILLBOX_VERSION));
    QApplication::setDesktopFileName(u"skillbox-desktop"_s);
    QIcon icon(u":/application/skillbox-desktop-128.png"_s);
    icon.addFile(u":/application/skillbox-desktop-32.png"_s);
    QApplication::setWindowIcon(icon);

    const int code = run(app);
    if (code != skillbox::MainWindow::restartCode)
        return code;
    // The store and the server's port are free again by now.
    if (!scaleWasGiven)
        qunsetenv("QT_SCALE_FACTOR");
    return QProcess::startDetached(QApplication::applicationFilePath(),
                                   QApplication::arguments().sliced(1))
        ? 0
        : 1;
}
