#pragma once

#include "engine/sandbox/images/image_store.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace skillbox::test {

/// Parses JSON that a test wrote by hand.
inline QJsonObject json(const QByteArray &text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (!document.isObject())
        qFatal("the test's JSON is wrong: %s", qPrintable(error.errorString()));
    return document.object();
}

/// A place for images and a store.
struct ImageFixture {
    QTemporaryDir directory;
    std::unique_ptr<ImageStore> store;

    explicit ImageFixture(const ImageLimits &limits = {}) { reopen(limits); }

    QString path(const QString &name) const { return directory.filePath(name); }
    QString storePath() const { return path(QStringLiteral("images")); }
    void reopen(const ImageLimits &limits = {})
    {
        store.reset();
        auto opened = ImageStore::open(storePath(), limits);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        store = std::move(*opened);
    }

    /// Lets make_image.py make `out`; returns the digests it prints.
    QJsonObject make(const QString &form, const QJsonObject &spec, const QString &out) const
    {
        QProcess python;
        python.start(QStringLiteral("python3"),
                     {QStringLiteral(SKILLBOX_MAKE_IMAGE), form, path(out)});
        python.write(QJsonDocument(spec).toJson());
        python.closeWriteChannel();
        if (!python.waitForFinished(60'000) || python.exitCode() != 0)
            qFatal("make_image.py: %s", python.readAllStandardError().constData());
        return QJsonDocument::fromJson(python.readAllStandardOutput()).object();
    }

    Result<ImportedImage> importFile(const QString &file, const QString &name = {})
    {
        return store->import({.path = path(file), .name = name});
    }
    Result<ImportedImage> importMade(const QString &form, const QJsonObject &spec,
                                     const QString &name = QStringLiteral("test:1"))
    {
        make(form, spec, QStringLiteral("made"));
        auto imported = importFile(QStringLiteral("made"), name);
        QFile::remove(path(QStringLiteral("made")));
        QDir(path(QStringLiteral("made"))).removeRecursively();
        return imported;
    }

    /// What is in the store besides its two own files.
    QStringList foldersInStore() const
    {
        QStringList names = QDir(storePath())
                                .entryList(QDir::AllEntries | QDir::Hidden | QDir::System
                                           | QDir::NoDotAndDotDot);
        names.removeAll(QStringLiteral("lock"));
        names.removeAll(QStringLiteral("names.json"));
        return names;
    }

    /// The image's file, below its root.
    QString inImage(const ImageRecord &image, const QString &file) const
    {
        return storePath() + u'/' + image.digest.mid(7) + QStringLiteral("/rootfs/") + file;
    }
    QByteArray content(const ImageRecord &image, const QString &file) const
    {
        QFile opened(inImage(image, file));
        return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray("(not there)");
    }
};

} // namespace skillbox::test
