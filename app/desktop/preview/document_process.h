#pragma once

#include "app/preview/protocol.h"

#include <QImage>
#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

class QProcess;

namespace skillbox {

/// A file that is decoded by a process of its own, skillbox-preview, because it is not trusted: the
/// worst it can do is to end that process. The helper is started with open(), ended after some time
/// without a question, and started again with the next one. GUI thread.
class DocumentProcess : public QObject
{
    Q_OBJECT

public:
    /// A part of a page, as it was drawn.
    struct Picture {
        int page = 0;
        QSizeF pageSize; ///< pixels at 100 %
        QRectF region;   ///< in fractions of the page
        QImage image;
    };

    explicit DocumentProcess(QObject *parent = nullptr);
    ~DocumentProcess() override;

    /// Answers with opened() or failed().
    void open(preview::Kind kind, const QString &path);
    void close();
    /// Answers with rendered() or failed(). Of several that wait only the last is drawn.
    void render(int page, const QRectF &region, const QSize &box);
    /// Answers with found() or failed().
    void find(const QString &text, int page);
    bool isOpen() const { return m_opened; }

    /// How long one answer may take; for tests.
    void setPatience(std::chrono::milliseconds patience) { m_patience.setInterval(patience); }
    /// Where the helper lies beside the running program.
    static QString program();

Q_SIGNALS:
    void opened(int pages, const QSizeF &size);
    void rendered(const skillbox::DocumentProcess::Picture &picture);
    void found(int page, const QList<QRectF> &places);
    void failed(const QString &why);

private:
    void start();
    void stop();
    void sendNext();
    void read();
    void handle(const preview::Answer &answer);
    void giveUp(const QString &why);
    QString sentence(const preview::Failed &failure) const;

    QProcess *m_process = nullptr;
    QByteArray m_received;
    preview::OpenRequest m_file;
    std::optional<preview::RenderRequest> m_render; ///< waits
    std::optional<preview::FindRequest> m_find;     ///< waits
    bool m_asked = false;                           ///< an answer is to come
    bool m_opened = false;                          ///< this file could be decoded once
    bool m_announced = false;                       ///< opened() was emitted for it
    QTimer m_patience;
    QTimer m_idle;
};

} // namespace skillbox
