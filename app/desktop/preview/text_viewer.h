#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/text_decoding.h"
#include "app/desktop/preview/viewer.h"

#include <QLabel>
#include <QPushButton>

namespace skillbox {

class CodeView;

/// Text and source code: the beginning at once, more of a large file when asked for. GUI thread.
class TextViewer : public Viewer
{
    Q_OBJECT

public:
    explicit TextViewer(QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;

    /// What is shown of a large file at first, and the most there ever is.
    static constexpr qint64 firstBytes = 256 << 10;
    static constexpr qint64 mostBytes = 16 << 20;

private:
    void load(qint64 bytes);
    void showText(const DecodedText &decoded, qint64 bytes);

    CodeView *m_code;
    QWidget *m_rest;
    QLabel *m_restText;
    QPushButton *m_more;
    SharedFile m_file;
    QString m_name;
    qint64 m_shownBytes = 0;
    BackgroundTask m_loading;
};

} // namespace skillbox
