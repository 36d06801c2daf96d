import subprocess, sys, time, httpx, requests
def test_probe(address, tmp_path):
    with requests.Session() as s:
        b=time.time()
        for _ in range(50): s.get(address+"/ogc/conformance")
        print("session", (time.time()-b)/50)
    b=time.time()
    for _ in range(50): requests.get(address+"/ogc/conformance")
    print("fresh", (time.time()-b)/50)
    for workers in ("1","2"):
      for mx in ("1","5"):
        b=time.time()
        told = subprocess.run([sys.executable,"-m","schemathesis.cli","run",f"{address}/ogc/api","--url",f"{address}/ogc",f"--max-examples={mx}",
            "--checks=not_a_server_error,content_type_conformance,status_code_conformance,response_schema_conformance",
            "--phases=examples,coverage,fuzzing","--request-timeout=30","--suppress-health-check=all","--seed=1","--workers="+workers],capture_output=True,text=True,cwd=tmp_path)
        print(workers, mx, time.time()-b); print(told.stdout[-1500:], told.stderr[-300:])
