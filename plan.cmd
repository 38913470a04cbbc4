@echo off
rem Drop the folder or workbook of an instance onto this file: it is planned, and the page of the plan opens.
rem Lepaskan folder atau buku kerja suatu instans di berkas ini: rencana dibuat, lalu halamannya terbuka.
setlocal
chcp 65001 >nul
set PYTHON=python
where py >nul 2>nul
if %errorlevel%==0 set PYTHON=py -3
%PYTHON% --version >nul 2>nul
if not %errorlevel%==0 (
    echo Python is not installed: get it from python.org, 64 bits, "Install for me only" is enough.
    echo Python belum terpasang: unduh dari python.org, 64 bit, cukup "Install for me only".
    pause
    exit /b 1
)
%PYTHON% "%~dp0scripts\run.py" drop %*
exit /b %errorlevel%
